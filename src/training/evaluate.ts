/** Every metric of a scored sample, each with its bootstrap interval. */
import { bootstrapIntervals } from '../metrics/bootstrap.ts';
import { binEdges } from '../metrics/calibration.ts';
import { createCardPrecision } from '../metrics/card-precision.ts';
import { type Confusion, confusionAt } from '../metrics/confusion.ts';
import { createRankedCounter } from '../metrics/ranked-counts.ts';
import { type EvaluationOptions, METRIC_NAMES, type MetricName, METRICS, type ScoredSample } from './metric-table.ts';

/** Share of resamples inside each interval. */
export const CONFIDENCE = 0.95;
/** Equal-width bins of the calibration error. Source: C. Guo et al., 2017, section 4. */
export const CALIBRATION_BINS = 15;
/** Customers an investigator can call a day. Source: Fraud Detection Handbook, chapter 4. */
export const CARDS_A_DAY = 100;

/** A metric's value with its 95 % interval; NaN where it is not defined on the sample. */
export interface MeasuredMetric {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Evaluation {
  readonly payments: number;
  readonly frauds: number;
  readonly customers: number;
  readonly amount: number;
  readonly fraudAmount: number;
  readonly metrics: Readonly<Record<MetricName, MeasuredMetric>>;
  /** At the review and at the block threshold. */
  readonly confusion: Readonly<{ review: Confusion; block: Confusion }>;
}

/**
 * All metrics of a sample. Intervals resample customers, not rows: the frauds of one customer come together, and
 * resampling rows would make the intervals too narrow; one customer gives none. RangeError when a class is lacking.
 */
export function evaluate(sample: ScoredSample, options: EvaluationOptions): Evaluation {
  const { labels, margins, probabilities, amounts, customers, days } = sample;
  const counter = createRankedCounter(labels, margins);
  const cardPrecision = createCardPrecision({ labels, scores: margins, customers, days }, CARDS_A_DAY);
  const edges = binEdges(probabilities, CALIBRATION_BINS, 'width');
  const measureAll = (weights?: Float64Array): number[] => {
    const counts = counter(weights);
    if (weights !== undefined && (counts.positives === 0 || counts.negatives === 0)) return METRIC_NAMES.map(() => NaN);
    const flagged = confusionAt(labels, probabilities, options.thresholds.review, weights);
    const measured = { sample, options, counts, flagged, cardPrecision, edges, weights };
    return METRIC_NAMES.map((name) => METRICS[name].measure(measured));
  };

  const values = measureAll();
  const customerCount = new Set(customers).size;
  // Of one customer every resample is the sample itself, which would make each interval a point.
  const intervals =
    options.replicates === 0 || customerCount < 2
      ? []
      : bootstrapIntervals(
          {
            rows: labels.length,
            clusters: renumbered(customers),
            replicates: options.replicates,
            confidence: CONFIDENCE,
            seed: options.seed,
          },
          measureAll,
        );
  const metrics = Object.fromEntries(
    METRIC_NAMES.map((name, i) => [name, { value: values[i]!, low: NaN, high: NaN, ...intervals[i] }]),
  ) as Record<MetricName, MeasuredMetric>; // the names are the table's own

  const sum = (rows: Float64Array, where: (row: number) => boolean): number =>
    rows.reduce((total, value, row) => total + (where(row) ? value : 0), 0);
  return {
    payments: labels.length,
    frauds: labels.reduce((total, label) => total + label, 0),
    customers: customerCount,
    amount: sum(amounts, () => true),
    fraudAmount: sum(amounts, (row) => labels[row] === 1),
    metrics,
    confusion: {
      review: confusionAt(labels, probabilities, options.thresholds.review),
      block: confusionAt(labels, probabilities, options.thresholds.block),
    },
  };
}

/** Cluster numbers without gaps, so that only customers of this sample are drawn. */
function renumbered(customers: Uint32Array): Uint32Array {
  const numbers = new Map<number, number>();
  return customers.map((customer) => {
    const known = numbers.get(customer);
    if (known !== undefined) return known;
    numbers.set(customer, numbers.size);
    return numbers.size - 1;
  });
}
