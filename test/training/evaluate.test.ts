/** The evaluation of a scored sample: the table's metrics, and intervals that mean something. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../../src/domain/costs.ts';
import { rankedCounts } from '../../src/metrics/ranked-counts.ts';
import { rocAuc } from '../../src/metrics/roc-auc.ts';
import { exp } from '../../src/stats/elementary.ts';
import { evaluate } from '../../src/training/evaluate.ts';
import { METRIC_NAMES, METRICS, type ScoredSample } from '../../src/training/metric-table.ts';
import { dayNumbers } from '../../src/training/table.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const OPTIONS = { thresholds: { review: 0.2, block: 0.6 }, costs: DEFAULT_COSTS, replicates: 100, seed: 3 };

/** Scored by the very log-odds the labels were drawn from, hence calibrated. */
function aScoredSample(rows = 3_000): ScoredSample {
  const table = aTrainingTable({ rows });
  const [strong, weak, , category] = table.values;
  const margins = strong!.map((x, row) => -3.4 + 2 * x + 0.8 * weak![row]! + (category![row] === 3 ? 1 : 0));
  const { labels, amounts, customers, timesMs } = table;
  const probabilities = margins.map((margin) => 1 / (1 + exp(-margin)));
  return { labels, margins, probabilities, amounts, customers, days: dayNumbers(timesMs) };
}

describe('evaluate', () => {
  const sample = aScoredSample();
  const evaluation = evaluate(sample, OPTIONS);

  it('holds every metric of the table, its value inside its interval', () => {
    expect(Object.keys(evaluation.metrics)).toEqual(METRIC_NAMES);
    for (const name of METRIC_NAMES) {
      const { value, low, high } = evaluation.metrics[name];
      expect(low, name).toBeLessThan(high);
      // Means of resamples may be biased (calibration error is), but never far beyond the interval.
      expect(value, name).toBeGreaterThan(low - (high - low));
      expect(value, name).toBeLessThan(high + (high - low));
    }
  });

  it('ranks by margins and judges by probabilities', () => {
    expect(evaluation.metrics.rocAuc.value).toBe(rocAuc(rankedCounts(sample.labels, sample.margins)));
    const reversed = evaluate({ ...sample, margins: sample.margins.map((margin) => -margin) }, OPTIONS);
    expect(reversed.metrics.rocAuc.value).toBeCloseTo(1 - evaluation.metrics.rocAuc.value, 12);
    expect(reversed.metrics.precision.value).toBe(evaluation.metrics.precision.value);
  });

  it('finds true probabilities calibrated and worth money', () => {
    expect(evaluation.metrics.calibrationError.value).toBeLessThan(0.02);
    expect(evaluation.metrics.moneySaved.low).toBeGreaterThan(0);
    expect(evaluation.metrics.moneySavedShare.value).toBeLessThan(1);
  });

  it('counts payments, frauds, customers and amounts', () => {
    expect(evaluation.payments).toBe(3_000);
    expect(evaluation.frauds).toBe(sample.labels.reduce((sum, label) => sum + label, 0));
    expect(evaluation.customers).toBe(new Set(sample.customers).size);
    const { truePositives, falseNegatives } = evaluation.confusion.review;
    expect(truePositives + falseNegatives).toBe(evaluation.frauds);
    expect(evaluation.confusion.block.truePositives).toBeLessThan(truePositives);
    expect(evaluation.fraudAmount).toBeLessThan(evaluation.amount);
  });

  it('repeats itself for the same seed and differs for another', () => {
    expect(evaluate(sample, OPTIONS)).toEqual(evaluation);
    const other = evaluate(sample, { ...OPTIONS, seed: 4 });
    expect(other.metrics.rocAuc.low).not.toBe(evaluation.metrics.rocAuc.low);
    expect(other.metrics.rocAuc.value).toBe(evaluation.metrics.rocAuc.value);
  });

  it('gives no interval when none is asked for', () => {
    const { rocAuc: metric } = evaluate(sample, { ...OPTIONS, replicates: 0 }).metrics;
    expect(metric.value).toBe(evaluation.metrics.rocAuc.value);
    expect([metric.low, metric.high]).toEqual([NaN, NaN]);
  });

  it('gives no interval around payments of one customer, whose resamples are all alike', () => {
    const { metrics, customers } = evaluate({ ...sample, customers: new Uint32Array(sample.labels.length) }, OPTIONS);
    expect(customers).toBe(1);
    for (const name of METRIC_NAMES) expect([metrics[name].low, metrics[name].high], name).toEqual([NaN, NaN]);
    expect(metrics.rocAuc.value).toBe(evaluation.metrics.rocAuc.value);
  });

  it('widens the interval when the same payments come from few customers', () => {
    // A customer's payments all fraudulent or all genuine, in tens.
    const order = Array.from(sample.labels.keys()).sort((a, b) => sample.labels[a]! - sample.labels[b]!);
    const customers = new Uint32Array(sample.labels.length);
    order.forEach((row, place) => (customers[row] = Math.floor(place / 10)));
    const clustered = evaluate({ ...sample, customers }, OPTIONS).metrics.precision;
    const single = evaluate({ ...sample, customers: Uint32Array.from(customers.keys()) }, OPTIONS).metrics.precision;
    expect(clustered.high - clustered.low).toBeGreaterThan(1.2 * (single.high - single.low));
  });

  it('refuses a sample with one class', () => {
    const quiet = { ...sample, labels: new Uint8Array(sample.labels.length) };
    expect(() => evaluate(quiet, OPTIONS)).toThrow(/no fraudulent payment/);
  });
});

describe('the metric table', () => {
  it('says of each metric what it is and which way is better', () => {
    for (const name of METRIC_NAMES) {
      expect(METRICS[name].description).toMatch(/^[A-Z].*\.$/);
      expect(['higher', 'lower']).toContain(METRICS[name].better);
    }
    expect(new Set(METRIC_NAMES.map((name) => METRICS[name].label)).size).toBe(METRIC_NAMES.length);
  });
});
