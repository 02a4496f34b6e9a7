/** Spans of time in milliseconds and RFC 3339 texts. */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** The demonstration shows so many seconds of simulated life in one: an hour. */
export const DEMONSTRATION_SPEED = 3_600;

/** A payment older than this at arrival is scored as if it happened this long ago, and counted as late. */
export const LATENESS_BOUND_MS = 24 * HOUR_MS;
/** A payment dated further ahead than this is refused. */
export const FUTURE_BOUND_MS = 5 * MINUTE_MS;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const DAYS_IN_400_YEARS = 146_097;
/** From 0000-03-01 to 1970-01-01 in the proleptic Gregorian calendar. */
const DAYS_TO_EPOCH = 719_468;

/** The number written in `count` digits at `start`; NaN when one of them is no digit. */
function digitsAt(text: string, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Days from 1970-01-01 to a date of the Gregorian calendar, years counted from March so that the leap day comes last.
 * Source: E. M. Reingold, N. Dershowitz, Calendrical Calculations, chapter 2 (fixed from Gregorian).
 */
function epochDay(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const cycle = Math.floor(marchYear / 400);
  const yearOfCycle = marchYear - cycle * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfCycle = yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * DAYS_IN_400_YEARS + dayOfCycle - DAYS_TO_EPOCH;
}

/** The offset from UTC written at the end of `text` from `start` on, in milliseconds; NaN when it is not one. */
function offsetAt(text: string, start: number): number {
  const sign = text[start];
  if (sign === 'Z' || sign === 'z') return text.length === start + 1 ? 0 : NaN;
  if ((sign !== '+' && sign !== '-') || text.length !== start + 6 || text[start + 3] !== ':') return NaN;
  const hour = digitsAt(text, start + 1, 2);
  const minute = digitsAt(text, start + 4, 2);
  if (!(hour <= 23 && minute <= 59)) return NaN;
  return (sign === '-' ? -1 : 1) * (hour * HOUR_MS + minute * MINUTE_MS);
}

/**
 * Epoch milliseconds of an RFC 3339 date-time, digits beyond milliseconds (at most nine in all) cut off; undefined
 * when it is not one. A leap second (`:60`) is not accepted. Source: RFC 3339 section 5.6.
 */
export function parseRfc3339(text: string): number | undefined {
  const separator = text[10];
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return undefined;
  if (separator !== 'T' && separator !== 't' && separator !== ' ') return undefined;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  const second = digitsAt(text, 17, 2);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 && leap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
  if (!(year >= 0 && day >= 1 && day <= lastDay && hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  let end = 19;
  let milliseconds = 0;
  if (text[end] === '.') {
    let digits = 0;
    while (digits < 9 && digitsAt(text, end + 1 + digits, 1) >= 0) digits++;
    if (digits === 0) return undefined;
    const kept = Math.min(digits, 3);
    milliseconds = digitsAt(text, end + 1, kept) * (kept === 1 ? 100 : kept === 2 ? 10 : 1);
    end += 1 + digits;
  }
  const offsetMs = offsetAt(text, end);
  if (Number.isNaN(offsetMs)) return undefined;
  const timeMs = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + milliseconds;
  return epochDay(year, month, day) * DAY_MS + timeMs - offsetMs;
}

/** The RFC 3339 text of `epochMs` in UTC with milliseconds. */
export function formatRfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A length of time in its largest fitting unit, one decimal at most: 7 days, 2.8 minutes. */
export function spanText(ms: number): string {
  const [unitMs, unit] =
    ms >= DAY_MS
      ? [DAY_MS, 'day']
      : ms >= HOUR_MS
        ? [HOUR_MS, 'hour']
        : ms >= MINUTE_MS
          ? [MINUTE_MS, 'minute']
          : [SECOND_MS, 'second'];
  const count = Math.round((ms / unitMs) * 10) / 10;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
