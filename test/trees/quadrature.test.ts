/** Quadrature is exact for polynomials up to its degree. */
import { describe, expect, it } from 'vitest';
import { gaussLegendre } from '../../src/trees/quadrature.ts';

describe('Gauss–Legendre quadrature', () => {
  it.each([1, 2, 3, 4, 8, 12, 16])('with %i points integrates t^n over [0, 1] for n < 2·points', (count) => {
    const { points, weights } = gaussLegendre(count);
    for (let power = 0; power < 2 * count; power++) {
      const integral = points.reduce((sum, t, index) => sum + weights[index]! * t ** power, 0);
      expect(integral).toBeCloseTo(1 / (power + 1), 14);
    }
    points.forEach((t) => expect(t > 0 && t < 1).toBe(true));
  });
});
