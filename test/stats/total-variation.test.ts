/** The distance of two distributions over bins. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalVariation } from '../../src/stats/total-variation.ts';

const counts = fc.array(fc.nat(1_000), { minLength: 3, maxLength: 3 }).filter((all) => all.some((count) => count > 0));

describe('total variation', () => {
  it('is what share of one would have to move', () => {
    // shares ½ ¼ ¼ against ¼ ¼ ½: a quarter has to move
    expect(totalVariation([2, 1, 1], [25, 25, 50])).toBe(0.25);
    expect(totalVariation([5, 0], [0, 3])).toBe(1);
    expect(totalVariation([0, 0], [1, 2])).toBeNaN();
  });

  it('is symmetric, between 0 and 1, and 0 for the same shares', () => {
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 1, max: 9 }), (a, b, times) => {
        expect(totalVariation(a, b)).toBeCloseTo(totalVariation(b, a), 12);
        expect(totalVariation(a, b)).toBeLessThanOrEqual(1 + 1e-12);
        expect(totalVariation(a, a.map((count) => count * times))).toBeCloseTo(0, 12); // prettier-ignore
      }),
    );
  });
});
