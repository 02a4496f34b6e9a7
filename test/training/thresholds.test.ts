/** Thresholds: the least loss there is, and each rule kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../../src/domain/costs.ts';
import { confusionAt, fBeta, falsePositiveRate, precision } from '../../src/metrics/confusion.ts';
import { lossWithoutSystem, moneySaved } from '../../src/metrics/money.ts';
import { chooseThresholds, costCurve, type ThresholdSample } from '../../src/training/thresholds.ts';

/** Both classes, ties, certainty and impossibility among the probabilities. */
const aSample: fc.Arbitrary<ThresholdSample> = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 400 })), { maxLength: 60 })
  .map((rows) => ({
    labels: Uint8Array.from([1, 0, ...rows.map(([fraud]) => Number(fraud))]),
    scores: Float64Array.from([0.4, 0.6, ...rows.map(([, score]) => score / 20)]),
    amounts: Float64Array.from([50, 50, ...rows.map(([, , amount]) => amount)]),
    days: 2,
  }));

/** Loss of a pair of thresholds, straight from the definition. */
const loss = (sample: ThresholdSample, review: number, block: number): number =>
  lossWithoutSystem(sample, DEFAULT_COSTS) - moneySaved(sample, { review, block }, DEFAULT_COSTS);

/** Thresholds between, below and above all probabilities of `aSample`. */
const GRID = Array.from({ length: 21 }, (_, i) => (i + 0.5) / 20).filter((threshold) => threshold < 1);

describe('chooseThresholds', () => {
  it('always keeps 0 < review < block ≤ 1', () => {
    fc.assert(
      fc.property(aSample, (sample) => {
        for (const rule of [
          { kind: 'cost-optimal' },
          { kind: 'f-beta', beta: 2 },
          { kind: 'maximum-fpr', fpr: 1 },
        ] as const) {
          const { review, block } = chooseThresholds(rule, sample, DEFAULT_COSTS);
          expect(review).toBeGreaterThan(0);
          expect(review).toBeLessThan(block);
          expect(block).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('finds the least loss of any pair of thresholds', () => {
    fc.assert(
      fc.property(aSample, (sample) => {
        const { review, block } = chooseThresholds({ kind: 'cost-optimal' }, sample, DEFAULT_COSTS);
        const least = Math.min(
          ...GRID.flatMap((r) => [...GRID.filter((b) => b >= r), 1].map((b) => loss(sample, r, b))),
        );
        expect(loss(sample, review, block)).toBeCloseTo(least, 6);
      }),
    );
  });

  it('finds the least loss that a review capacity allows', () => {
    fc.assert(
      fc.property(aSample, fc.integer({ min: 0, max: 8 }), (sample, reviewsPerDay) => {
        const most = reviewsPerDay * sample.days;
        const reviews = (r: number, b: number): number =>
          sample.scores.filter((score) => score >= r && score < b).length;
        const { review, block } = chooseThresholds({ kind: 'review-capacity', reviewsPerDay }, sample, DEFAULT_COSTS);
        expect(reviews(review, block)).toBeLessThanOrEqual(most);
        const allowed = GRID.flatMap((r) => [...GRID.filter((b) => b >= r), 1].map((b) => [r, b] as const));
        const least = Math.min(
          ...allowed.filter(([r, b]) => reviews(r, b) <= most).map(([r, b]) => loss(sample, r, b)),
        );
        expect(loss(sample, review, block)).toBeCloseTo(least, 6);
      }),
    );
  });

  it('finds the least loss that blocking only the nearly certain allows', () => {
    fc.assert(
      fc.property(aSample, fc.constantFrom(0.3, 0.5, 0.9), (sample, blockPrecision) => {
        // Certainty (probability 1) is blocked whatever it turned out to be: no threshold lies above it.
        const keeps = (b: number): boolean => {
          const { truePositives, falsePositives } = confusionAt(sample.labels, sample.scores, b);
          const onlyCertain = sample.scores.every((score) => score < b || score === 1);
          return onlyCertain || truePositives >= blockPrecision * (truePositives + falsePositives);
        };
        const rule = { kind: 'cost-optimal', blockPrecision } as const;
        const { review, block } = chooseThresholds(rule, sample, DEFAULT_COSTS);
        expect(keeps(block)).toBe(true);
        const allowed = GRID.flatMap((r) => [...GRID.filter((b) => b >= r && keeps(b)), 1].map((b) => [r, b] as const)); // prettier-ignore
        expect(loss(sample, review, block)).toBeCloseTo(Math.min(...allowed.map(([r, b]) => loss(sample, r, b))), 6);
      }),
    );
  });

  it('reaches the highest F-beta', () => {
    fc.assert(
      fc.property(aSample, (sample) => {
        const { review } = chooseThresholds({ kind: 'f-beta', beta: 2 }, sample, DEFAULT_COSTS);
        const at = (threshold: number): number => fBeta(confusionAt(sample.labels, sample.scores, threshold), 2);
        expect(at(review)).toBeCloseTo(Math.max(...GRID.map(at)), 12);
      }),
    );
  });

  it('flags as much as a false-positive rate or a precision allows', () => {
    fc.assert(
      fc.property(aSample, fc.constantFrom(0.05, 0.3, 1), (sample, bound) => {
        const confusion = (threshold: number): ReturnType<typeof confusionAt> =>
          confusionAt(sample.labels, sample.scores, threshold);
        const certain = confusion(1);
        fc.pre(falsePositiveRate(certain) <= bound);
        const atFpr = confusion(chooseThresholds({ kind: 'maximum-fpr', fpr: bound }, sample, DEFAULT_COSTS).review);
        expect(falsePositiveRate(atFpr)).toBeLessThanOrEqual(bound);
        const allowed = GRID.map(confusion).filter((other) => falsePositiveRate(other) <= bound);
        expect(atFpr.truePositives).toBe(
          Math.max(0, ...[certain, ...allowed].map(({ truePositives }) => truePositives)),
        );
        const reachable = GRID.map(confusion).filter((other) => precision(other) >= bound);
        fc.pre(reachable.length > 0);
        const rule = { kind: 'target-precision', precision: bound } as const;
        const atPrecision = confusion(chooseThresholds(rule, sample, DEFAULT_COSTS).review);
        expect(precision(atPrecision)).toBeGreaterThanOrEqual(bound);
        expect(atPrecision.truePositives).toBe(Math.max(...reachable.map(({ truePositives }) => truePositives)));
      }),
    );
  });

  it('says when no threshold meets the rule or a class is lacking', () => {
    const sample = { labels: Uint8Array.of(0, 1), scores: Float64Array.of(0.9, 0.2), amounts: Float64Array.of(5, 5), days: 1 }; // prettier-ignore
    expect(() => chooseThresholds({ kind: 'target-precision', precision: 0.9 }, sample, DEFAULT_COSTS)).toThrow(/target-precision/); // prettier-ignore
    const quiet = { ...sample, labels: Uint8Array.of(0, 0) };
    expect(() => chooseThresholds({ kind: 'cost-optimal' }, quiet, DEFAULT_COSTS)).toThrow(/0 frauds among 2/);
  });

  it('keeps review below block where a genuine payment is all but certain', () => {
    const scores = Float64Array.of(1 - 2 ** -53, 0.5);
    const sample = { labels: Uint8Array.of(0, 1), scores, amounts: Float64Array.of(5, 5), days: 1 };
    const { review, block } = chooseThresholds({ kind: 'maximum-fpr', fpr: 1 }, sample, DEFAULT_COSTS);
    expect(review).toBeLessThan(block);
    expect(() => chooseThresholds({ kind: 'maximum-fpr', fpr: 0 }, sample, DEFAULT_COSTS)).toThrow('maximum-fpr');
  });

  it.each([
    [{ kind: 'fixed', review: 0.9, block: 0.2 }, 'invalid block of the rule fixed: 0.2'],
    [{ kind: 'fixed', review: 0, block: 0.2 }, 'invalid review of the rule fixed: 0'],
    [{ kind: 'review-capacity', reviewsPerDay: NaN }, 'invalid reviewsPerDay of the rule review-capacity: NaN'],
    [{ kind: 'f-beta', beta: 0 }, 'invalid beta of the rule f-beta: 0'],
    [{ kind: 'maximum-fpr', fpr: 1.5 }, 'invalid fpr of the rule maximum-fpr: 1.5'],
    [{ kind: 'target-precision', precision: NaN }, 'invalid precision of the rule target-precision: NaN'],
  ] as const)('refuses %j', (rule, message) => {
    const sample = { labels: Uint8Array.of(0, 1), scores: Float64Array.of(0.1, 0.9), amounts: Float64Array.of(5, 5), days: 1 }; // prettier-ignore
    expect(() => chooseThresholds(rule, sample, DEFAULT_COSTS)).toThrow(message);
  });

  it('gives the fixed pair as it is', () => {
    const sample = { labels: Uint8Array.of(0), scores: Float64Array.of(0), amounts: Float64Array.of(1), days: 1 };
    expect(chooseThresholds({ kind: 'fixed', review: 0.5, block: 0.7 }, sample, DEFAULT_COSTS)).toEqual({
      review: 0.5,
      block: 0.7,
    });
  });
});

describe('costCurve', () => {
  it('prices every threshold as its definition does', () => {
    fc.assert(
      fc.property(aSample, (sample) => {
        for (const { threshold, blocked, reviewed } of costCurve(sample, DEFAULT_COSTS)) {
          if (threshold >= 1) continue;
          expect(blocked).toBeCloseTo(loss(sample, threshold, threshold), 6);
          expect(reviewed).toBeCloseTo(loss(sample, threshold, 2), 6);
        }
      }),
    );
  });
});
