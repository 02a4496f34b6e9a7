/** Laws of the metrics that hold for any sample, and their answers to samples without meaning. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averagePrecision } from '../../src/metrics/average-precision.ts';
import { bootstrapIntervals } from '../../src/metrics/bootstrap.ts';
import { createCardPrecision } from '../../src/metrics/card-precision.ts';
import { confusionAt, f1, precision, recall } from '../../src/metrics/confusion.ts';
import { precisionRecallCurve, rocCurve, thinned } from '../../src/metrics/curves.ts';
import { kolmogorovSmirnov } from '../../src/metrics/kolmogorov-smirnov.ts';
import { moneySaved, valueDetectionRate } from '../../src/metrics/money.ts';
import { logLoss } from '../../src/metrics/probability-loss.ts';
import { createRankedCounter, rankedCounts } from '../../src/metrics/ranked-counts.ts';
import { rocAuc } from '../../src/metrics/roc-auc.ts';
import { precisionAtK, recallAtFpr } from '../../src/metrics/top-of-ranking.ts';
import { createRandom } from '../../src/stats/random.ts';

/** Samples with both classes and many ties. */
const aSample = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20 })), { minLength: 2, maxLength: 80 })
  .map((rows) => ({
    labels: Uint8Array.from([1, 0, ...rows.map(([fraud]) => (fraud ? 1 : 0))]),
    scores: Float64Array.from([0.4, 0.6, ...rows.map(([, score]) => score / 20)]),
  }));

const FUNCTIONS = { rocAuc, averagePrecision, kolmogorovSmirnov };

describe.each(Object.entries(FUNCTIONS))('%s', (_, metric) => {
  it('does not depend on the order of rows', () => {
    fc.assert(
      fc.property(aSample, fc.integer(), ({ labels, scores }, seed) => {
        const order = createRandom(seed).shuffle(Array.from(labels.keys()));
        const value = metric(rankedCounts(labels, scores));
        const shuffled = rankedCounts(Uint8Array.from(order, (i) => labels[i]!), Float64Array.from(order, (i) => scores[i]!)); // prettier-ignore
        expect(metric(shuffled)).toBe(value);
      }),
    );
  });

  it('sees only the order of scores', () => {
    fc.assert(
      fc.property(aSample, ({ labels, scores }) => {
        const stretched = scores.map((score) => score ** 3 - 7);
        expect(metric(rankedCounts(labels, stretched))).toBe(metric(rankedCounts(labels, scores)));
      }),
    );
  });

  it('treats a weight of two as the row given twice', () => {
    fc.assert(
      fc.property(aSample, ({ labels, scores }) => {
        const doubled = rankedCounts(Uint8Array.of(...labels, labels[0]!), Float64Array.of(...scores, scores[0]!));
        const weights = new Float64Array(labels.length).fill(1);
        weights[0] = 2;
        expect(metric(createRankedCounter(labels, scores)(weights))).toBeCloseTo(metric(doubled), 12);
      }),
    );
  });

  it('refuses a sample with one class, saying which is lacking', () => {
    const scores = Float64Array.of(0.1, 0.9);
    expect(() => metric(rankedCounts(Uint8Array.of(0, 0), scores))).toThrow(/no fraudulent payment among 2/);
    expect(() => metric(rankedCounts(Uint8Array.of(1, 1), scores))).toThrow(/no genuine payment among 2/);
  });
});

describe('degenerate samples', () => {
  const scores = Float64Array.of(0.1, 0.9);
  it('are refused with the reason', () => {
    expect(() => rankedCounts(new Uint8Array(0), new Float64Array(0))).toThrow(/no rows/);
    expect(() => rankedCounts(Uint8Array.of(1), scores)).toThrow(/1 labels but 2 values/);
    expect(() => rankedCounts(Uint8Array.of(0, 1), Float64Array.of(NaN, 1))).toThrow(/not a number/);
    expect(() => precisionAtK(rankedCounts(Uint8Array.of(0, 1), scores), 3)).toThrow(/k is 3 but there are 2/);
    expect(() => recallAtFpr(rankedCounts(Uint8Array.of(0, 0), scores), 0.1)).toThrow(/no fraudulent/);
    expect(() => rocCurve(rankedCounts(Uint8Array.of(0, 0), scores))).toThrow(/no fraudulent/);
    expect(() => precisionRecallCurve(rankedCounts(Uint8Array.of(1, 1), scores))).toThrow(/no genuine/);
  });

  it('give 0 where nothing is flagged', () => {
    const none = confusionAt(Uint8Array.of(0, 1), scores, 2);
    expect([precision(none), recall(none), f1(none)]).toEqual([0, 0, 0]);
    expect(valueDetectionRate({ labels: Uint8Array.of(0, 0), scores, amounts: scores }, 0.5)).toBe(0);
  });

  it('keep log loss finite for certain probabilities that were wrong', () => {
    expect(logLoss(Uint8Array.of(1, 0), Float64Array.of(0, 1))).toBeCloseTo(36.04, 2);
  });
});

describe('card precision', () => {
  const base = {
    labels: Uint8Array.of(1, 0, 1, 1, 0),
    scores: Float64Array.of(0.9, 0.2, 0.8, 0.9, 0.5),
    customers: Uint32Array.of(7, 7, 3, 7, 4),
    days: Int32Array.of(0, 0, 0, 1, 1),
  };

  it('leaves a detected customer out on later days', () => {
    // Day 0: customer 7 fills the one place and is found; day 1: 7 is left out, 4 is called in vain.
    expect(createCardPrecision(base, 1)()).toBe(0.5);
    // Two places: 7 and 3 found on day 0, nobody on day 1.
    expect(createCardPrecision(base, 2)()).toBe(0.5);
  });

  it('lets a customer drawn twice take two places', () => {
    expect(createCardPrecision(base, 2)(Float64Array.of(2, 2, 1, 2, 1))).toBe(0.5);
    expect(createCardPrecision(base, 2)(Float64Array.of(0, 0, 1, 0, 1))).toBe(0.25);
  });
});

describe('moneySaved', () => {
  it('adds what each decision saves or costs', () => {
    const sample = {
      labels: Uint8Array.of(1, 1, 1, 0, 0, 0),
      scores: Float64Array.of(0.95, 0.6, 0.1, 0.95, 0.6, 0.1),
      amounts: Float64Array.of(100, 50, 20, 200, 10, 5),
    };
    // blocked fraud 100+30, reviewed fraud 50+30−12.5, missed fraud 0, blocked genuine −0.15·200, reviewed genuine −12.5
    const saved = moneySaved(sample, { review: 0.5, block: 0.9 }, { chargebackFee: 30, reviewCost: 12.5, churnShare: 0.15 }); // prettier-ignore
    expect(saved).toBeCloseTo(130 + 67.5 - 30 - 12.5, 12);
  });
});

describe('thinned', () => {
  it('keeps ends and moves no drawn position by more than the step', () => {
    fc.assert(
      fc.property(aSample, ({ labels, scores }) => {
        const points = rocCurve(rankedCounts(labels, scores));
        const kept = thinned(points, (p) => p.falsePositiveRate, (p) => p.recall, 5); // prettier-ignore
        expect(kept[0]).toBe(points[0]);
        expect(kept.at(-1)).toBe(points.at(-1));
        for (const point of points) {
          const nearest = Math.min(...kept.map((k) => Math.max(Math.abs(k.recall - point.recall), Math.abs(k.falsePositiveRate - point.falsePositiveRate)))); // prettier-ignore
          expect(nearest).toBeLessThanOrEqual(0.2);
        }
      }),
    );
  });
});

describe('bootstrapIntervals', () => {
  it('covers the true mean about as often as it says', () => {
    let covered = 0;
    const random = createRandom(9);
    for (let trial = 0; trial < 300; trial++) {
      const values = Float64Array.from({ length: 60 }, () => random.normal());
      const [interval] = bootstrapIntervals({ rows: 60, replicates: 200, confidence: 0.9, seed: trial }, (weights) => [
        values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / 60,
      ]);
      if (interval!.low <= 0 && interval!.high >= 0) covered++;
    }
    expect(covered / 300).toBeGreaterThan(0.84);
    expect(covered / 300).toBeLessThan(0.95);
  });

  it('is wider when rows come in clusters that agree', () => {
    const clusters = Uint32Array.from({ length: 200 }, (_, row) => Math.floor(row / 10));
    const values = Float64Array.from(clusters, (cluster) => cluster % 2);
    const mean = (weights: Float64Array): number[] => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return [values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total];
    };
    const options = { rows: 200, replicates: 300, confidence: 0.95, seed: 1 };
    const [byRow] = bootstrapIntervals(options, mean);
    const [byCluster] = bootstrapIntervals({ ...options, clusters }, mean);
    expect(byCluster!.high - byCluster!.low).toBeGreaterThan(2 * (byRow!.high - byRow!.low));
  });

  it('repeats itself for the same seed and says when a metric was mostly undefined', () => {
    const options = { rows: 10, replicates: 50, confidence: 0.9, seed: 4 };
    const measure = (weights: Float64Array): number[] => [weights[0]!, NaN];
    expect(bootstrapIntervals(options, measure)).toEqual(bootstrapIntervals(options, measure));
    expect(bootstrapIntervals(options, measure)[1]).toEqual({ low: NaN, high: NaN });
  });
});
