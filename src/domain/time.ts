/** Spans of time in milliseconds and RFC 3339 texts. */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A payment older than this at arrival is scored as if it happened this long ago, and counted as late. */
export const LATENESS_BOUND_MS = 24 * HOUR_MS;
/** A payment dated further ahead than this is refused. */
export const FUTURE_BOUND_MS = 5 * MINUTE_MS;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Epoch milliseconds of an RFC 3339 date-time, digits beyond milliseconds cut off; undefined when it is not one.
 * A leap second (`:60`) is not accepted. Source: RFC 3339 section 5.6.
 */
export function parseRfc3339(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 && !leap ? 28 : DAYS_IN_MONTH[month - 1];
  if (lastDay === undefined || day < 1 || day > lastDay) return undefined;
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6]);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = match[7] === undefined ? 0 : Number(match[7].slice(1, 4).padEnd(3, '0'));
  const zone = match[8]!;
  let offsetMs = 0;
  if (zone.length > 1) {
    const zoneHour = Number(zone.slice(1, 3));
    const zoneMinute = Number(zone.slice(4, 6));
    if (zoneHour > 23 || zoneMinute > 59) return undefined;
    offsetMs = (zone.startsWith('-') ? -1 : 1) * (zoneHour * HOUR_MS + zoneMinute * MINUTE_MS);
  }
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC would read years 0–99 as 1900–1999
  return date.getTime() + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fraction - offsetMs;
}

/** The RFC 3339 text of `epochMs` in UTC with milliseconds. */
export function formatRfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
