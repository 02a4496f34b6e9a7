/** The metrics a model is judged by: name, meaning and computation, each once. */
import { type Costs } from '../domain/costs.ts';
import { averagePrecision } from '../metrics/average-precision.ts';
import { expectedCalibrationError, reliabilityCurve } from '../metrics/calibration.ts';
import { accuracy, type Confusion, f1, falsePositiveRate, precision, recall } from '../metrics/confusion.ts';
import { kolmogorovSmirnov } from '../metrics/kolmogorov-smirnov.ts';
import {
  lossWithoutSystem,
  moneySaved,
  type PricedSample,
  type ReviewAndBlock,
  valueDetectionRate,
} from '../metrics/money.ts';
import { brierScore, logLoss } from '../metrics/probability-loss.ts';
import { type RankedCounts } from '../metrics/ranked-counts.ts';
import { rocAuc } from '../metrics/roc-auc.ts';
import { precisionAtK, recallAtFpr } from '../metrics/top-of-ranking.ts';

/** Payments with what a model said of them; every array has one entry a payment. */
export interface ScoredSample {
  readonly labels: Uint8Array;
  /** Ranking metrics use these, since calibration may tie what they tell apart. */
  readonly margins: Float64Array;
  readonly probabilities: Float64Array;
  /** Major units of the base currency. */
  readonly amounts: Float64Array;
  readonly customers: Uint32Array;
  readonly days: Int32Array;
}

export interface EvaluationOptions {
  /** Flagged means probability ≥ review. */
  readonly thresholds: ReviewAndBlock;
  readonly costs: Costs;
  /** Bootstrap resamples; 0 for no intervals. */
  readonly replicates: number;
  readonly seed: number;
}

const TOP_ROWS = 100;

/** What the metrics of one resample are computed from. */
export interface Measured {
  readonly sample: ScoredSample;
  readonly options: EvaluationOptions;
  readonly counts: RankedCounts;
  readonly flagged: Confusion;
  readonly cardPrecision: (weights?: Float64Array) => number;
  readonly edges: Float64Array;
  readonly weights: Float64Array | undefined;
}

export interface MetricDefinition {
  readonly label: string;
  readonly unit: 'share' | 'nats' | 'money';
  readonly better: 'higher' | 'lower';
  readonly description: string;
  measure(measured: Measured): number;
}

const priced = ({ sample }: Measured): PricedSample => ({
  labels: sample.labels,
  scores: sample.probabilities,
  amounts: sample.amounts,
});

const saved = (measured: Measured): number =>
  moneySaved(priced(measured), measured.options.thresholds, measured.options.costs, measured.weights);

/** All metrics: the card, the evaluation and the documentation read this table. */
export const METRICS = {
  averagePrecision: {
    label: 'Average precision',
    unit: 'share',
    better: 'higher',
    description: 'Precision averaged over the recall it is reached at; the area under the precision–recall steps.',
    measure: ({ counts }) => averagePrecision(counts),
  },
  rocAuc: {
    label: 'ROC-AUC',
    unit: 'share',
    better: 'higher',
    description: 'The chance that a fraud outranks a genuine payment.',
    measure: ({ counts }) => rocAuc(counts),
  },
  kolmogorovSmirnov: {
    label: 'KS',
    unit: 'share',
    better: 'higher',
    description: 'The largest distance between recall and false-positive rate.',
    measure: ({ counts }) => kolmogorovSmirnov(counts),
  },
  recallAt01: {
    label: 'Recall at FPR 0.1 %',
    unit: 'share',
    better: 'higher',
    description: 'Frauds caught when one genuine payment in 1,000 is flagged.',
    measure: ({ counts }) => recallAtFpr(counts, 0.001),
  },
  recallAt1: {
    label: 'Recall at FPR 1 %',
    unit: 'share',
    better: 'higher',
    description: 'Frauds caught when one genuine payment in 100 is flagged.',
    measure: ({ counts }) => recallAtFpr(counts, 0.01),
  },
  precisionAt100: {
    label: 'Precision at 100',
    unit: 'share',
    better: 'higher',
    description: 'Share of frauds among the 100 highest scores.',
    measure: ({ counts }) => (counts.positives + counts.negatives < TOP_ROWS ? NaN : precisionAtK(counts, TOP_ROWS)),
  },
  cardPrecisionAt100: {
    label: 'Card precision at 100',
    unit: 'share',
    better: 'higher',
    description: 'Of 100 customers called each day, the share defrauded that day; the detected are not called again.',
    measure: ({ cardPrecision, weights }) => cardPrecision(weights),
  },
  accuracy: {
    label: 'Accuracy',
    unit: 'share',
    better: 'higher',
    description: 'Share of payments judged rightly at the review threshold.',
    measure: ({ flagged }) => accuracy(flagged),
  },
  precision: {
    label: 'Precision',
    unit: 'share',
    better: 'higher',
    description: 'Share of the flagged payments that are frauds.',
    measure: ({ flagged }) => precision(flagged),
  },
  recall: {
    label: 'Recall',
    unit: 'share',
    better: 'higher',
    description: 'Share of the frauds that are flagged.',
    measure: ({ flagged }) => recall(flagged),
  },
  f1: {
    label: 'F1',
    unit: 'share',
    better: 'higher',
    description: 'Harmonic mean of precision and recall.',
    measure: ({ flagged }) => f1(flagged),
  },
  falsePositiveRate: {
    label: 'False-positive rate',
    unit: 'share',
    better: 'lower',
    description: 'Share of the genuine payments that are flagged.',
    measure: ({ flagged }) => falsePositiveRate(flagged),
  },
  logLoss: {
    label: 'Log loss',
    unit: 'nats',
    better: 'lower',
    description: 'Mean −ln of the probability given to what happened.',
    measure: ({ sample, weights }) => logLoss(sample.labels, sample.probabilities, weights),
  },
  brier: {
    label: 'Brier score',
    unit: 'share',
    better: 'lower',
    description: 'Mean squared distance between probability and outcome.',
    measure: ({ sample, weights }) => brierScore(sample.labels, sample.probabilities, weights),
  },
  calibrationError: {
    label: 'ECE',
    unit: 'share',
    better: 'lower',
    description: 'Mean distance between stated and observed fraud rate over 15 equal-width bins.',
    measure: ({ sample, edges, weights }) =>
      expectedCalibrationError(reliabilityCurve(sample.labels, sample.probabilities, edges, weights)),
  },
  valueDetectionRate: {
    label: 'Value detection rate',
    unit: 'share',
    better: 'higher',
    description: 'Share of the defrauded amount that is flagged.',
    measure: (measured) => valueDetectionRate(priced(measured), measured.options.thresholds.review, measured.weights),
  },
  moneySaved: {
    label: 'Money saved',
    unit: 'money',
    better: 'higher',
    description: 'Loss without the system less loss with it: missed fraud, reviews, churn.',
    measure: saved,
  },
  moneySavedShare: {
    label: 'Share of the possible saving',
    unit: 'share',
    better: 'higher',
    description: 'Money saved over what perfect knowledge would save.',
    measure: (measured) =>
      saved(measured) / lossWithoutSystem(priced(measured), measured.options.costs, measured.weights),
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];
