/** How numbers are put to an analyst: counts, money, spans, shares. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';

const GROUP_DIGITS = 3;

/** Digits in groups of three; written out here because texts are recorded and must never change with the platform. */
function grouped(value: number, decimals: 0 | 1 | 2): string {
  const text = fixed(Math.abs(value), decimals);
  let end = decimals === 0 ? text.length : text.length - decimals - 1;
  let digits = text;
  for (end -= GROUP_DIGITS; end > 0; end -= GROUP_DIGITS) digits = `${digits.slice(0, end)},${digits.slice(end)}`;
  return value < 0 ? `-${digits}` : digits;
}

const SCALES = [1, 10, 100] as const;
/** Products below this are right to a millionth. */
const MOST_SCALED = 2 ** 31;
const MILLIONTH = 1e-6;

/** `toFixed` of a number that is not negative, several times faster. */
function fixed(size: number, decimals: 0 | 1 | 2): string {
  const scale = SCALES[decimals];
  const scaled = size * scale;
  const nearest = Math.round(scaled);
  // So near the middle between two neighbours, the product may have been rounded across it.
  const isDoubtful = Math.abs(Math.abs(scaled - nearest) - 0.5) < MILLIONTH;
  if (isDoubtful || !(scaled < MOST_SCALED)) return size.toFixed(decimals);
  if (decimals === 0) return String(nearest);
  const whole = Math.floor(nearest / scale);
  const fraction = nearest - whole * scale;
  return `${whole}.${decimals === 2 && fraction < 10 ? '0' : ''}${fraction}`;
}

/** At most one digit behind the point, none from 10 on. */
export function round(value: number): string {
  const tenths = Math.round(value * 10) / 10;
  return grouped(value, Math.abs(value) >= 10 || Number.isInteger(tenths) ? 0 : 1);
}

/** `1,234.50`, or `1,234.50 EUR` when the currency is to be told. */
export function money(major: number, currency?: string): string {
  return currency === undefined ? grouped(major, 2) : `${grouped(major, 2)} ${currency}`;
}

/** `1 payment`, `5 payments`; the plural is the singular and an s unless given. */
export function count(value: number, singular: string, plural = `${singular}s`): string {
  return `${round(value)} ${value === 1 ? singular : plural}`;
}

export function percent(share: number): string {
  return `${round(share * 100)} %`;
}

/** `12 seconds`, `3 hours`, `2 days`, in the largest unit that gives at least one. */
export function span(milliseconds: number): string {
  if (milliseconds >= DAY_MS) return count(Math.round(milliseconds / DAY_MS), 'day');
  if (milliseconds >= HOUR_MS) return count(Math.round(milliseconds / HOUR_MS), 'hour');
  if (milliseconds >= MINUTE_MS) return count(Math.round(milliseconds / MINUTE_MS), 'minute');
  return count(Math.round(milliseconds / SECOND_MS), 'second');
}

/** The first letter raised. */
export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
