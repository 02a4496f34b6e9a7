/** Gauss–Legendre quadrature on [0, 1]. */
import { cos } from '../stats/elementary.ts';

/** Newton steps from the classical first guess; converges quadratically, six are plenty in doubles. */
const NEWTON_STEPS = 8;

export interface Quadrature {
  /** Points in (0, 1). */
  readonly points: Float64Array;
  /** Positive, summing to 1. */
  readonly weights: Float64Array;
}

/**
 * Integrates polynomials up to degree 2·count − 1 exactly.
 * Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 25.4.29–30; first guess 22.16.6.
 */
export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    let x = cos((Math.PI * (index + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let step = 0; step < NEWTON_STEPS; step++) {
      // Legendre polynomials by their three-term recurrence: P_{n+1} = ((2n+1) x P_n − n P_{n−1}) / (n+1).
      let before = 0;
      let value = 1;
      for (let n = 0; n < count; n++) {
        [before, value] = [value, ((2 * n + 1) * x * value - n * before) / (n + 1)];
      }
      slope = (count * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    points[index] = (1 - x) / 2;
    weights[index] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}
