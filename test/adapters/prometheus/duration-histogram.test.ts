/** Durations counted by powers of two against the durations themselves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDurationHistogram } from '../../../src/adapters/prometheus/duration-histogram.ts';

const durations = fc.array(fc.integer({ min: 0, max: 30_000_000 }), { minLength: 1, maxLength: 200 });

describe('createDurationHistogram', () => {
  it('counts exactly below every power of two', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: 30 }), (values, power) => {
        const histogram = createDurationHistogram();
        for (const value of values) histogram.observe(value);
        expect(histogram.below(power)).toBe(values.filter((value) => value < 2 ** power).length);
        expect(histogram.count).toBe(values.length);
        expect(histogram.sumUs).toBe(values.reduce((total, value) => total + value, 0));
      }),
    );
  });

  it('takes what is below zero or beyond all bounds', () => {
    const histogram = createDurationHistogram();
    histogram.observe(-1);
    histogram.observe(1e12);
    expect(histogram.below(4)).toBe(1);
    expect(histogram.below(30)).toBe(1);
    expect(histogram.count).toBe(2);
  });
});
