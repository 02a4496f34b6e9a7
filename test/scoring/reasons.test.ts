import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strongest } from '../../src/scoring/reasons.ts';

describe('strongest', () => {
  it('orders by size whatever the sign, and leaves zeros out', () => {
    expect(strongest(Float64Array.of(0.1, -3, 0, 2, -0.5, 0.2, 0.3))).toEqual([1, 3, 4, 6, 5]);
  });

  it('gives ties in catalogue order', () => {
    expect(strongest(Float64Array.of(1, -1, 1, 1), 2)).toEqual([0, 1]);
  });

  it('equals a stable full sort', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        (values, count) => {
          const sorted = values
            .map((value, feature) => ({ feature, size: Math.abs(value) }))
            .filter(({ size }) => size > 0)
            .sort((a, b) => b.size - a.size)
            .slice(0, count);
          expect(strongest(Float64Array.from(values), count)).toEqual(sorted.map(({ feature }) => feature));
        },
      ),
    );
  });
});
