/** A clock that the journal is ahead of is told of, small differences between machines are not. */
import { expect, it } from 'vitest';
import { DAY_MS, FUTURE_BOUND_MS } from '../../src/domain/time.ts';
import { clockBehind, createClockWatch } from '../../src/usecases/clock-behind.ts';
import { NOON_MS } from '../support/transactions.ts';

it('tells of a journal that is ahead of the clock, how far, and what follows', () => {
  expect(clockBehind(NOON_MS, NOON_MS + DAY_MS)).toBeUndefined();
  expect(clockBehind(NOON_MS + FUTURE_BOUND_MS, NOON_MS)).toBeUndefined();
  expect(clockBehind(NOON_MS + 40 * DAY_MS, NOON_MS)).toMatch(
    /^the clock is 40 days behind the newest record \(20.*Z\): /,
  );
});

it('tells once of each time the clock is set back, also while the service runs', () => {
  const told: string[] = [];
  let nowMs = NOON_MS;
  const look = createClockWatch({ newestMs: () => NOON_MS, nowMs: () => nowMs, tell: (text) => told.push(text) });
  for (const [setMs, times] of [
    [0, 0],
    [-DAY_MS, 1],
    [-DAY_MS, 1],
    [DAY_MS, 1],
    [-2 * DAY_MS, 2],
  ] as const) {
    nowMs = NOON_MS + setMs;
    look();
    expect(told).toHaveLength(times);
  }
});
