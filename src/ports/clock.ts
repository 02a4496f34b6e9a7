/** The time as the world tells it. */

export interface Clock {
  /** Epoch milliseconds, wall clock; may jump. */
  nowMs(): number;
  /** Microseconds from an arbitrary start; never goes back. */
  monotonicUs(): number;
}
