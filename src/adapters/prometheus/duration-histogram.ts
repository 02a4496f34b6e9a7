/** Durations counted by powers of two of microseconds: a few nanoseconds an observation. */

/** Cell `n` holds durations of `n` binary digits; those from 2^31 µs (36 minutes) on share the last. */
const DIGITS = 31;

export interface DurationHistogram {
  /** Microseconds; below 0 counts as 0. */
  observe(durationUs: number): void;
  readonly count: number;
  readonly sumUs: number;
  /** How many were shorter than 2^`power` µs. */
  below(power: number): number;
}

export function createDurationHistogram(): DurationHistogram {
  const cells = new Float64Array(DIGITS + 1);
  let count = 0;
  let sumUs = 0;
  return {
    observe(durationUs) {
      const whole = Math.max(0, Math.min(durationUs, 2 ** DIGITS - 1));
      cells[32 - Math.clz32(whole)]!++;
      count++;
      sumUs += durationUs;
    },
    get count() {
      return count;
    },
    get sumUs() {
      return sumUs;
    },
    below(power) {
      let sum = 0;
      for (let digits = 0; digits <= power; digits++) sum += cells[digits]!;
      return sum;
    },
  };
}
