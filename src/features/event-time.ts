/** The moment a payment is taken to have happened, and its place in the day, week and month. */
import { DAY_MS, HOUR_MS, LATENESS_BOUND_MS, MINUTE_MS } from '../domain/time.ts';
import { type Arrival } from '../domain/transaction.ts';

/** The event time, or the lateness bound for a payment older than that. Labels must refer to this time. */
export function effectiveTimeMs(arrival: Arrival): number {
  return Math.max(arrival.transaction.eventTimeMs, arrival.arrivalMs - LATENESS_BOUND_MS);
}

/** Whether the payment is older than the lateness bound. */
export function isLate(arrival: Arrival): boolean {
  return arrival.transaction.eventTimeMs < arrival.arrivalMs - LATENESS_BOUND_MS;
}

/** Milliseconds of local time since the epoch, as if the zone were UTC. */
export function localMs(timeMs: number, utcOffsetMinutes: number): number {
  return timeMs + utcOffsetMinutes * MINUTE_MS;
}

/** 0..23. */
export function hourOfDay(local: number): number {
  return Math.floor(local / HOUR_MS) - Math.floor(local / DAY_MS) * 24;
}

/** Share of the day gone, 0 ≤ x < 1. */
export function shareOfDay(local: number): number {
  return local / DAY_MS - Math.floor(local / DAY_MS);
}

/** 0 Monday .. 6 Sunday; the epoch began on a Thursday. */
export function dayOfWeek(local: number): number {
  const day = Math.floor(local / DAY_MS) + 3;
  return day - Math.floor(day / 7) * 7;
}

/** 1..31. Source: H. Hinnant, chrono-compatible low-level date algorithms, 2013, days → civil. */
export function dayOfMonth(local: number): number {
  const shifted = Math.floor(local / DAY_MS) + 719_468; // days since 0000-03-01
  const dayOfEra = shifted - Math.floor(shifted / 146_097) * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  return dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
}
