/** Says when the clock is behind the journal, whose records never go back in time. */
import { formatRfc3339, FUTURE_BOUND_MS, spanText } from '../domain/time.ts';

/**
 * Undefined while the newest record, at `newestMs`, is no further ahead of the clock than a payment may be: clocks of machines
 * differ. What comes arrives at its time until the clock has passed it, so payments of now may count as late.
 */
export function clockBehind(newestMs: number, nowMs: number): string | undefined {
  if (newestMs - nowMs <= FUTURE_BOUND_MS) return undefined;
  return (
    `the clock is ${spanText(newestMs - nowMs)} behind the newest record (${formatRfc3339(newestMs)}): until it has passed ` +
    'that, all payments and labels are taken to arrive then, and payments dated more than 24 hours before it are late'
  );
}

/** Each call looks at the clock, and tells once of each time it has fallen behind. */
export function createClockWatch(deps: {
  readonly newestMs: () => number;
  readonly nowMs: () => number;
  readonly tell: (text: string) => void;
}): () => void {
  let wasBehind = false;
  return () => {
    const behind = clockBehind(deps.newestMs(), deps.nowMs());
    if (behind !== undefined && !wasBehind) deps.tell(behind);
    wasBehind = behind !== undefined;
  };
}
