/** Durations in logarithmic cells against the sorted durations themselves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDurationHistogram } from '../../../src/adapters/prometheus/duration-histogram.ts';

const durations = fc.array(fc.integer({ min: 0, max: 30_000_000 }), { minLength: 1, maxLength: 200 });

describe('createDurationHistogram', () => {
  it('gives quantiles within 1/16 of the exact ones', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, q) => {
        const histogram = createDurationHistogram();
        for (const value of values) histogram.observe(value);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!;
        expect(Math.abs(histogram.quantile(q) - exact)).toBeLessThanOrEqual(exact / 16 + 0.5);
      }),
    );
  });

  it('counts exactly below every power of two', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 3, max: 25 }), (values, power) => {
        const histogram = createDurationHistogram();
        for (const value of values) histogram.observe(value);
        expect(histogram.below(power)).toBe(values.filter((value) => value < 2 ** power).length);
        expect(histogram.count).toBe(values.length);
        expect(histogram.sumUs).toBe(values.reduce((total, value) => total + value, 0));
      }),
    );
  });

  it('takes what is below zero or beyond all bounds, and 0 for nothing', () => {
    const histogram = createDurationHistogram();
    expect(histogram.quantile(0.99)).toBe(0);
    histogram.observe(-1);
    expect(histogram.quantile(1)).toBe(0);
    histogram.observe(1e12);
    expect(histogram.quantile(1)).toBeGreaterThan(2e9);
  });
});
