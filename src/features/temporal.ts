/** Features of the moment: hour, day, weekend, night. */
import { DAY_MS } from '../domain/time.ts';
import { cos, sin } from '../stats/elementary.ts';
import { type Feature, type FeatureContext, type FeatureGroup, type Told } from './context.ts';
import { dayOfMonth, dayOfWeek, hourOfDay, shareOfDay } from './event-time.ts';

/** Night is 22:00–05:59. */
const NIGHT_FROM_HOUR = 22;
const NIGHT_TO_HOUR = 6;
/** Saturday and Sunday, counted from Monday 0. */
const WEEKEND_FROM_DAY = 5;
const WEEK_MS = 7 * DAY_MS;
const MONTH_MS = 31 * DAY_MS;
const TWO_PI = 6.283185307179586;
const DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

export function isNight(localMs: number): boolean {
  const hour = hourOfDay(localMs);
  return hour >= NIGHT_FROM_HOUR || hour < NIGHT_TO_HOUR;
}

function isWeekend(localMs: number): boolean {
  return dayOfWeek(localMs) >= WEEKEND_FROM_DAY;
}

function temporal(
  name: string,
  cycleMs: number,
  unit: string,
  formula: string,
  description: string,
  say: (value: number, told: Told) => string,
): Feature {
  return { name, family: 'temporal', cycleMs, unit, formula, kind: 'numeric', whenEmpty: NaN, whenMissing: NaN, description, say }; // prettier-ignore
}

const atHour = (hour: number): string => `Paid between ${hour}:00 and ${hour}:59`;

export const TEMPORAL: FeatureGroup = {
  write,
  features: [
    temporal('hour_of_day', DAY_MS, 'hour', '0..23 in the mapping’s zone', 'The hour of the day.', atHour), // prettier-ignore
    temporal('day_of_week', WEEK_MS, 'day', '0 Monday .. 6 Sunday', 'The day of the week.', (value) => `Paid on a ${DAY_NAMES[value] ?? 'day unknown'}`), // prettier-ignore
    temporal('is_weekend', WEEK_MS, 'flag', '1 on Saturday and Sunday, else 0', 'Whether it is weekend.', (value) => (value === 1 ? 'Paid at the weekend' : 'Paid on a working day')), // prettier-ignore
    temporal('is_night', DAY_MS, 'flag', '1 from 22:00 to 05:59, else 0', 'Whether it is night.', (value) => (value === 1 ? 'Paid at night' : 'Paid by day')), // prettier-ignore
    temporal('hour_sin', DAY_MS, 'ratio', 'sin(2π · share of the day gone)', 'The time of day on a circle, east–west.', (_value, { valueOf }) => atHour(valueOf('hour_of_day'))), // prettier-ignore
    temporal('hour_cos', DAY_MS, 'ratio', 'cos(2π · share of the day gone)', 'The time of day on a circle, north–south.', (_value, { valueOf }) => atHour(valueOf('hour_of_day'))), // prettier-ignore
    temporal('day_of_month', MONTH_MS, 'day', '1..31', 'The day of the month.', (value) => `Paid on day ${value} of the month`), // prettier-ignore
  ],
};

function write({ localMs }: FeatureContext, out: Float64Array, at: number): void {
  const angle = TWO_PI * shareOfDay(localMs);
  out[at] = hourOfDay(localMs);
  out[at + 1] = dayOfWeek(localMs);
  out[at + 2] = isWeekend(localMs) ? 1 : 0;
  out[at + 3] = isNight(localMs) ? 1 : 0;
  out[at + 4] = sin(angle);
  out[at + 5] = cos(angle);
  out[at + 6] = dayOfMonth(localMs);
}
