/** Every metric against scikit-learn on the same arrays, with and without ties. */
import { describe, expect, it } from 'vitest';
import { averagePrecision } from '../../src/metrics/average-precision.ts';
import { bootstrapIntervals } from '../../src/metrics/bootstrap.ts';
import { binEdges, expectedCalibrationError, reliabilityCurve } from '../../src/metrics/calibration.ts';
import { createCardPrecision } from '../../src/metrics/card-precision.ts';
import { accuracy, confusionAt, f1, fBeta, precision, recall } from '../../src/metrics/confusion.ts';
import { precisionRecallCurve, rocCurve } from '../../src/metrics/curves.ts';
import { kolmogorovSmirnov } from '../../src/metrics/kolmogorov-smirnov.ts';
import { valueDetectionRate } from '../../src/metrics/money.ts';
import { brierScore, logLoss } from '../../src/metrics/probability-loss.ts';
import { createRankedCounter, rankedCounts } from '../../src/metrics/ranked-counts.ts';
import { rocAuc } from '../../src/metrics/roc-auc.ts';
import { precisionAtK, recallAtFpr } from '../../src/metrics/top-of-ranking.ts';
import golden from '../golden/metrics/metrics.json' with { type: 'json' };

/** Decimal places of toBeCloseTo that mean within 1e-9. */
const NINE = 9;

describe.each(golden.cases.map((expected, index) => ({ expected, index })))('sample $index', ({ expected }) => {
  const labels = Uint8Array.from(expected.labels);
  const scores = Float64Array.from(expected.scores);
  const weights = Float64Array.from(expected.weights);
  const counts = rankedCounts(labels, scores);
  const confusion = confusionAt(labels, scores, 0.4);

  it('counts the confusion matrix and its rates', () => {
    const { trueNegatives, falsePositives, falseNegatives, truePositives } = confusion;
    expect([trueNegatives, falsePositives, falseNegatives, truePositives]).toEqual(expected.confusion);
    expect(accuracy(confusion)).toBeCloseTo(expected.accuracy, NINE);
    expect(precision(confusion)).toBeCloseTo(expected.precision, NINE);
    expect(recall(confusion)).toBeCloseTo(expected.recall, NINE);
    expect(f1(confusion)).toBeCloseTo(expected.f1, NINE);
    expect(fBeta(confusion, 2)).toBeCloseTo(expected.f2, NINE);
  });

  it('measures the ranking', () => {
    expect(rocAuc(counts)).toBeCloseTo(expected.rocAuc, NINE);
    expect(averagePrecision(counts)).toBeCloseTo(expected.averagePrecision, NINE);
    expect(kolmogorovSmirnov(counts)).toBeCloseTo(expected.kolmogorovSmirnov, NINE);
  });

  it('measures the top of the ranking', () => {
    [0.001, 0.01, 0.05, 0.2].forEach((fpr, i) =>
      expect(recallAtFpr(counts, fpr)).toBeCloseTo(expected.recallAtFpr[i]!, NINE),
    );
    [1, 10, 37, labels.length].forEach((k, i) =>
      expect(precisionAtK(counts, k)).toBeCloseTo(expected.precisionAt[i]!, NINE),
    );
  });

  it('measures the probabilities', () => {
    expect(logLoss(labels, scores)).toBeCloseTo(expected.logLoss, NINE);
    expect(brierScore(labels, scores)).toBeCloseTo(expected.brier, NINE);
    for (const binning of ['width', 'mass'] as const) {
      const curve = reliabilityCurve(labels, scores, binEdges(scores, 15, binning));
      const points = expected.calibrationCurve[binning];
      expect(curve).toHaveLength(points.length);
      curve.forEach(({ stated, observed }, i) => {
        expect(stated).toBeCloseTo(points[i]![0]!, NINE);
        expect(observed).toBeCloseTo(points[i]![1]!, NINE);
      });
      expect(expectedCalibrationError(curve)).toBeCloseTo(expected.ece[binning], NINE);
    }
  });

  it('weighs rows', () => {
    const weighted = createRankedCounter(labels, scores)(weights);
    expect(rocAuc(weighted)).toBeCloseTo(expected.weighted.rocAuc, NINE);
    expect(averagePrecision(weighted)).toBeCloseTo(expected.weighted.averagePrecision, NINE);
    expect(logLoss(labels, scores, weights)).toBeCloseTo(expected.weighted.logLoss, NINE);
    expect(brierScore(labels, scores, weights)).toBeCloseTo(expected.weighted.brier, NINE);
    expect(precision(confusionAt(labels, scores, 0.4, weights))).toBeCloseTo(expected.weighted.precision, NINE);
  });

  it('draws the same curves', () => {
    const roc = rocCurve(counts).slice(-5);
    roc.forEach((point, i) => {
      expect(point.falsePositiveRate).toBeCloseTo(expected.curveTails.roc[i]![0]!, NINE);
      expect(point.recall).toBeCloseTo(expected.curveTails.roc[i]![1]!, NINE);
    });
    const recallAndPrecision = precisionRecallCurve(counts).slice(0, 6).reverse();
    recallAndPrecision.forEach((point, i) => {
      expect(point.recall).toBeCloseTo(expected.curveTails.precisionRecall[i]![0]!, NINE);
      expect(point.precision).toBeCloseTo(expected.curveTails.precisionRecall[i]![1]!, NINE);
    });
  });

  it('prices the value detected', () => {
    const amounts = Float64Array.from(expected.amounts);
    expect(valueDetectionRate({ labels, scores, amounts }, 0.4)).toBeCloseTo(expected.valueDetection, NINE);
  });
});

const withCustomers = golden.cases.filter((expected) => expected.cardPrecision !== null);

it.each(withCustomers)('finds defrauded customers as the Handbook counts them', (expected) => {
  const cardPrecision = createCardPrecision(
    {
      labels: Uint8Array.from(expected.labels),
      scores: Float64Array.from(expected.scores),
      customers: Uint32Array.from(expected.customers),
      days: Int32Array.from(expected.days),
    },
    3,
  );
  expect(cardPrecision()).toBeCloseTo(expected.cardPrecision!, NINE);
});

describe('bootstrapIntervals', () => {
  it('agrees with SciPy’s percentile interval', () => {
    const labels = Uint8Array.from(golden.bootstrap.labels);
    const counter = createRankedCounter(labels, Float64Array.from(golden.bootstrap.scores));
    const [interval] = bootstrapIntervals(
      { rows: labels.length, replicates: 3_000, confidence: 0.95, seed: 1 },
      (weights) => [rocAuc(counter(weights))],
    );
    // Two percentiles of 3,000 and 4,000 resamples differ by about a tenth of the half width at most.
    const halfWidth = (golden.bootstrap.high - golden.bootstrap.low) / 2;
    expect(Math.abs(interval!.low - golden.bootstrap.low)).toBeLessThan(0.12 * halfWidth);
    expect(Math.abs(interval!.high - golden.bootstrap.high)).toBeLessThan(0.12 * halfWidth);
  });
});
