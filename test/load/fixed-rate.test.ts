import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedRate } from '../../src/load/fixed-rate.ts';

const rates = fc.double({ min: 0.01, max: 100_000, noNaN: true });
const durations = fc.integer({ min: 1, max: 120_000 });

describe('fixedRate', () => {
  it('has all of them due at the end of the time, and so many each second', () => {
    expect(fixedRate(2_000, 8_000).count).toBe(16_000);
    fc.assert(
      fc.property(rates, durations, (rate, durationMs) => {
        const { count, dueBy, dueMs } = fixedRate(rate, durationMs);
        expect(dueBy(durationMs)).toBe(count);
        expect(dueMs(count - 1)).toBeLessThanOrEqual(durationMs);
        expect(count).toBeCloseTo((durationMs * rate) / 1_000, -1);
      }),
    );
  });

  it('counts each from its own moment on', () => {
    fc.assert(
      fc.property(rates, durations, fc.nat(99), (rate, durationMs, percent) => {
        const { count, dueBy, dueMs } = fixedRate(rate, durationMs);
        const index = Math.floor((count * percent) / 100);
        const aMoment = 100 / rate; // a tenth of what lies between two
        expect(dueBy(dueMs(index) + aMoment)).toBe(index + 1);
        if (index > 0) expect(dueBy(dueMs(index) - aMoment)).toBe(index);
      }),
    );
  });
});
