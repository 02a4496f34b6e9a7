/** The same learners on the same folds: how well each ranks payments it could not have known. */
import { averagePrecision } from '../metrics/average-precision.ts';
import { bootstrapSamples, percentileInterval } from '../metrics/bootstrap.ts';
import { createCardPrecision } from '../metrics/card-precision.ts';
import { createRankedCounter } from '../metrics/ranked-counts.ts';
import { rocAuc } from '../metrics/roc-auc.ts';
import { marginsOf } from '../learners/margins.ts';
import { type Learner, type Model } from '../learners/protocol.ts';
import { type FittedMember, fitMembers, stackOf } from './candidates.ts';
import { expandingFolds } from './cross-validate.ts';
import { CARDS_A_DAY, CONFIDENCE, type MeasuredMetric } from './evaluate.ts';
import { type Fold, rowsIn, testRowsWithoutKnownFrauds } from './split.ts';
import { dayNumbers, takeColumns, takeRows, type TrainingTable } from './table.ts';

export const PROTOCOL_METRICS = ['rocAuc', 'averagePrecision', 'cardPrecisionAt100'] as const;
export type ProtocolMetric = (typeof PROTOCOL_METRICS)[number];

export interface ProtocolResult {
  readonly learner: string;
  /** Means over folds with intervals that resample customers, the same ones in every fold. */
  readonly mean: Readonly<Record<ProtocolMetric, MeasuredMetric>>;
  readonly folds: readonly Readonly<Record<ProtocolMetric, number>>[];
}

export interface ProtocolOptions {
  readonly seed: number;
  /** Bootstrap resamples; 0 for no intervals. */
  readonly replicates: number;
  /** Growing windows for the stack's out-of-fold margins; 0 for no stack. */
  readonly stackFolds: number;
  /** The columns to learn from, chosen on each fold's training rows; all when absent. */
  readonly select?: (training: TrainingTable) => readonly string[];
  readonly onProgress?: (learner: string, fraction: number) => void;
}

/** The name under which the stack of all learners is reported. */
const STACK_NAME = 'stack';

/** Values and resampled values of one model on one fold, in the order of PROTOCOL_METRICS. */
interface FoldOutcome {
  readonly values: readonly number[];
  readonly samples: readonly (readonly number[])[];
}

/**
 * Fits each learner, and the stack of all, on each fold's training rows and measures it on the fold's test rows
 * without customers already known to be defrauded. No early stopping: the protocol grants no rows for it.
 */
export function runProtocol(
  table: TrainingTable,
  learners: readonly Learner[],
  folds: readonly Fold[],
  { seed, replicates, stackFolds, select, onProgress }: ProtocolOptions,
): readonly ProtocolResult[] {
  const outcomes = new Map<string, FoldOutcome[]>();
  let done = 0;
  for (const fold of folds) {
    const all = takeRows(table, rowsIn(table.timesMs, fold.train));
    const names = select?.(all) ?? table.names;
    const training = takeColumns(all, names);
    const test = takeColumns(takeRows(table, testRowsWithoutKnownFrauds(table, fold)), names);
    const record = (name: string, model: Model): void => {
      const outcome = measureFold(model, test, seed, replicates);
      outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
      onProgress?.(name, ++done / (folds.length * (learners.length + (stackFolds > 0 ? 1 : 0))));
    };
    const members: FittedMember[] = [];
    const rowFolds = expandingFolds(training.timesMs, stackFolds, 0);
    for (const learner of learners) {
      const [member] = fitMembers([learner], training, { seed, folds: rowFolds });
      members.push(member!);
      record(learner.name, member!.model);
    }
    if (stackFolds > 0) record(STACK_NAME, stackOf(STACK_NAME, members, training.labels).model);
  }
  return [...outcomes].map(([learner, foldOutcomes]) => summarise(learner, foldOutcomes));
}

function measureFold(model: Model, test: TrainingTable, seed: number, replicates: number): FoldOutcome {
  const { labels, customers, rows } = test;
  const scores = marginsOf(model, test);
  const counter = createRankedCounter(labels, scores);
  const cards = createCardPrecision({ labels, scores, customers, days: dayNumbers(test.timesMs) }, CARDS_A_DAY);
  const measure = (weights?: Float64Array): readonly number[] => {
    const counts = counter(weights);
    if (weights !== undefined && (counts.positives === 0 || counts.negatives === 0)) return [NaN, NaN, NaN];
    return [rocAuc(counts), averagePrecision(counts), cards(weights)];
  };
  const values = measure();
  return { values, samples: bootstrapSamples({ rows, clusters: customers, replicates, seed }, measure) };
}

function summarise(learner: string, outcomes: readonly FoldOutcome[]): ProtocolResult {
  const average = (numbers: readonly number[]): number =>
    numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const byMetric = <T>(value: (metric: number) => T): Readonly<Record<ProtocolMetric, T>> => ({
    rocAuc: value(0),
    averagePrecision: value(1),
    cardPrecisionAt100: value(2),
  });
  return {
    learner,
    mean: byMetric((metric) => {
      const replicates = outcomes[0]!.samples[metric] ?? [];
      const means = replicates.map((_, i) => average(outcomes.map(({ samples }) => samples[metric]![i]!)));
      const interval = means.length === 0 ? { low: NaN, high: NaN } : percentileInterval(means, CONFIDENCE);
      return { value: average(outcomes.map(({ values }) => values[metric]!)), ...interval };
    }),
    folds: outcomes.map(({ values }) => byMetric((metric) => values[metric]!)),
  };
}
