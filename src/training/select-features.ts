/** Which features a model can do without: the least telling are left out step by step while unseen payments are ranked as well. */
import { averagePrecision } from '../metrics/average-precision.ts';
import { rankedCounts } from '../metrics/ranked-counts.ts';
import { createBoostingLearner } from '../learners/boosting.ts';
import { createEncodedLearner } from '../learners/encoded-model.ts';
import { marginsOf } from '../learners/margins.ts';
import { type Learner } from '../learners/protocol.ts';
import { type RowFold } from './cross-validate.ts';
import { sampledImportance } from './importance.ts';
import { takeColumns, takeRows, type TrainingTable } from './table.ts';

export interface SelectionStep {
  readonly features: number;
  /** Mean over folds. */
  readonly averagePrecision: number;
  /** Names left out after this step, the least telling first; none after the last. */
  readonly dropped: readonly string[];
}

export interface FeatureSelection {
  /** From all features to few. */
  readonly steps: readonly SelectionStep[];
  /** The step whose features are kept. */
  readonly chosen: number;
  /** In table order. */
  readonly kept: readonly string[];
  readonly leftOut: readonly string[];
  /** NaN without a clock. */
  readonly seconds: number;
}

export interface SelectionOptions {
  /** What ranks the payments of each fold; its contributions rank the features. */
  readonly learner: Learner;
  readonly folds: readonly RowFold[];
  readonly seed: number;
  /** A clock that never goes back, microseconds. */
  readonly clockUs?: () => number;
  /** Share of the steps done, 0..1. */
  readonly onProgress?: (fraction: number) => void;
}

/** Growing windows of the training period that sets of features are compared on. */
export const SELECTION_FOLDS = 3;

/** A light learner that ranks features much as heavier ones do: a third of the rounds of `symmetric`. */
export const createSelector = (): Learner =>
  createEncodedLearner(
    createBoostingLearner('selection', { growth: 'symmetric', rounds: 100, learningRate: 0.1, maximumDepth: 6 }),
    { encodings: ['target', 'frequency'] },
  );

/** Share of the features left out at a step. */
const STEP_SHARE = 0.2;
/** Steps at most: of 140 features some 10 are left then. */
const MOST_STEPS = 12;
/** Fewer features than this say little about what remains. */
const FEWEST = 5;
/** Unseen payments a fold whose contributions rank the features. */
const EXPLAINED_ROWS = 1_000;

/**
 * Backward elimination: each step fits the learner on every fold with the features left, and leaves out the fifth whose
 * mean |Shapley value| over the fold's test payments is least. Kept is the smallest set whose average precision lies
 * within a standard error of the best one, over the folds' differences to it. The same table and seed keep the same features.
 * Source: I. Guyon et al., Gene selection for cancer classification, 2002, with Shapley values for weights; the
 * standard-error rule: L. Breiman et al., Classification and regression trees, 1984, section 3.4.3.
 */
export function selectFeatures(table: TrainingTable, options: SelectionOptions): FeatureSelection {
  const { clockUs = () => NaN, onProgress } = options;
  const startedUs = clockUs();
  const parts = options.folds
    .map(({ trainRows, testRows }) => ({ training: takeRows(table, trainRows), test: takeRows(table, testRows) }))
    .filter(({ training, test }) => hasBothClasses(training) && hasBothClasses(test));
  const measured: { readonly names: readonly string[]; readonly qualities: readonly number[] }[] = [];
  const dropped: (readonly string[])[] = [];
  let names = table.names;
  for (let step = 0; parts.length > 0 && step < MOST_STEPS; step++) {
    const { qualities, telling } = fitFolds(parts, names, options);
    measured.push({ names, qualities });
    onProgress?.((step + 1) / MOST_STEPS);
    const drop = Math.ceil(STEP_SHARE * names.length);
    if (step === MOST_STEPS - 1 || names.length - drop < FEWEST) break;
    const least = names.toSorted((a, b) => telling.get(a)! - telling.get(b)!).slice(0, drop);
    dropped.push(least);
    names = names.filter((name) => !least.includes(name));
  }
  onProgress?.(1);
  const chosen = smallestAsGood(measured.map(({ qualities }) => qualities));
  const kept = measured[chosen]?.names ?? table.names;
  return {
    steps: measured.map(({ names: { length }, qualities }, step) => ({
      features: length,
      averagePrecision: mean(qualities),
      dropped: dropped[step] ?? [],
    })),
    chosen,
    kept,
    leftOut: table.names.filter((name) => !kept.includes(name)),
    seconds: (clockUs() - startedUs) / 1e6,
  };
}

interface Part {
  readonly training: TrainingTable;
  readonly test: TrainingTable;
}

/** Average precision of each fold, and how much each feature tells over all of them. */
function fitFolds(parts: readonly Part[], names: readonly string[], { learner, seed }: SelectionOptions) {
  const telling = new Map<string, number>();
  const qualities = parts.map(({ training, test }) => {
    const model = learner.fit(takeColumns(training, names), { seed });
    const tested = takeColumns(test, names);
    for (const { feature, meanShap } of sampledImportance(model, tested, EXPLAINED_ROWS)) {
      telling.set(feature, (telling.get(feature) ?? 0) + meanShap);
    }
    return averagePrecision(rankedCounts(tested.labels, marginsOf(model, tested)));
  });
  return { qualities, telling };
}

/** The last of the sets, each smaller than the one before, that is as good as the best; `qualities[set][fold]`. */
export function smallestAsGood(qualities: readonly (readonly number[])[]): number {
  const best = qualities.map(mean).reduce((top, value, set, all) => (value > all[top]! ? set : top), 0);
  return qualities.findLastIndex((folds, set) => {
    const behind = folds.map((value, fold) => qualities[best]![fold]! - value);
    return set === best || mean(behind) <= standardError(behind);
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

function hasBothClasses({ labels, rows }: TrainingTable): boolean {
  const frauds = labels.reduce((sum, label) => sum + label, 0);
  return frauds > 0 && frauds < rows;
}
