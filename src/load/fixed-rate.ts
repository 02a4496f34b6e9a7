/** When each of so many a second is due, counted from the start: with the clock's reading added, rounding would move the ends. */
const SECOND_MS = 1_000;

export interface FixedRate {
  /** All that are due within the time. */
  readonly count: number;
  /** Milliseconds from the start to number `index`, the first being 0. */
  dueMs(index: number): number;
  /** How many are due so many milliseconds from the start. */
  dueBy(elapsedMs: number): number;
}

export function fixedRate(perSecond: number, durationMs: number): FixedRate {
  const count = Math.ceil((durationMs * perSecond) / SECOND_MS);
  return {
    count,
    dueMs: (index) => (index * SECOND_MS) / perSecond,
    dueBy: (elapsedMs) => Math.min(count, 1 + Math.floor((elapsedMs * perSecond) / SECOND_MS)),
  };
}
