/** How numbers are put to an analyst: counts, money, spans, shares. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';

const GROUP_DIGITS = 3;

/** Digits in groups of three; written out here because texts are recorded and must never change with the platform. */
function grouped(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  const wholeLength = decimals === 0 ? text.length : text.length - decimals - 1;
  if (wholeLength <= GROUP_DIGITS) return value < 0 ? `−${text}` : text;
  const [whole = '', fraction] = text.split('.');
  const digits = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? '−' : ''}${digits}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** At most one digit behind the point, none from 10 on. */
export function round(value: number): string {
  const tenths = Math.round(value * 10) / 10;
  return grouped(value, Math.abs(value) >= 10 || Number.isInteger(tenths) ? 0 : 1);
}

export function money(major: number): string {
  return grouped(major, 2);
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
