import { describe, expect, it } from 'vitest';
import { DEMONSTRATION_MAPPING } from '../../src/datasets/mappings/demonstration.ts';
import { createDemonstration } from '../../src/simulation/demonstration.ts';

const FROM_MS = Date.UTC(2026, 5, 1);
const options = { seed: 1, transactions: 20_000, ratePerSecond: 50, fromMs: FROM_MS };
const payments = [...createDemonstration(options)];

describe('createDemonstration', () => {
  it('pays in order of time at the rate asked for, from the given moment on', () => {
    const times = payments.map(({ transaction }) => transaction.eventTimeMs);
    expect(times[0]).toBeGreaterThanOrEqual(FROM_MS);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const seconds = (times.at(-1)! - FROM_MS) / 1_000;
    expect(payments.length / seconds).toBeGreaterThan(45);
    expect(payments.length / seconds).toBeLessThan(55);
  });

  it('has the same people whatever the seed, doing other things', () => {
    const others = [...createDemonstration({ ...options, seed: 2 })];
    const cards = (all: typeof payments): Set<string> =>
      new Set(all.filter(({ label }) => label?.isFraud === false).map(({ transaction }) => transaction.cardId!));
    const known = cards(payments);
    const again = [...cards(others)].filter((card) => known.has(card));
    expect(again.length / known.size).toBeGreaterThan(0.9);
    expect(others[0]!.transaction.amountMinor).not.toBe(payments[0]!.transaction.amountMinor);
  });

  it('lets genuine payments be known after the label delay of its mapping, and frauds soon', () => {
    for (const { transaction, label } of payments) {
      const delayMs = label!.arrivalMs - transaction.eventTimeMs;
      if (label!.isFraud) expect(delayMs).toBeLessThanOrEqual(12 * 60_000 + 1);
      else expect(Math.abs(delayMs - DEMONSTRATION_MAPPING.labelDelayMs)).toBeLessThanOrEqual(1);
    }
  });
});
