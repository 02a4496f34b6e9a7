/** Traits derived from numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cumulative,
  deriveBits,
  deriveInteger,
  deriveNormal,
  deriveUnit,
  pickIndex,
} from '../../src/simulation/derive.ts';

const COUNT = 20_000;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const indices = Array.from({ length: COUNT }, (_, index) => index);

describe('derived traits', () => {
  it('are the same for the same numbers and unrelated for neighbours', () => {
    expect(deriveBits(1, 2, 3)).toBe(deriveBits(1, 2, 3));
    const first = indices.map((index) => deriveUnit(7, index, 1) - 0.5);
    for (const other of [
      indices.map((index) => deriveUnit(7, index + 1, 1) - 0.5),
      indices.map((index) => deriveUnit(7, index, 2) - 0.5),
      indices.map((index) => deriveUnit(8, index, 1) - 0.5),
    ]) {
      const correlation = mean(first.map((value, index) => value * other[index]!)) * 12;
      expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(COUNT));
    }
  });

  it('are uniform, normal or whole as their names say', () => {
    const units = indices.map((index) => deriveUnit(3, index, 5));
    expect(mean(units)).toBeCloseTo(0.5, 2);
    expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...units)).toBeLessThan(1);
    const normals = indices.map((index) => deriveNormal(3, index, 5));
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(COUNT));
    expect(mean(normals.map((value) => value * value))).toBeCloseTo(1, 1);
    const wholes = new Set(indices.map((index) => deriveInteger(3, index, 5, 7)));
    expect([...wholes].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('pick each index as often as its weight says', () => {
    expect(cumulative([1, 3])).toEqual([0.25, 1]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
        const totals = cumulative(weights);
        const sum = weights.reduce((a, b) => a + b);
        const counts = weights.map(() => 0);
        for (let step = 0; step < sum; step++) counts[pickIndex(totals, (step + 0.5) / sum)]!++;
        expect(counts).toEqual(weights);
      }),
    );
  });
});
