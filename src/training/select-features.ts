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
  /** Names left out after this step, the least telling first; none once it is worse. */
  readonly dropped: readonly string[];
}

export interface FeatureSelection {
  /** From all features to few; the last may be worse, and is not kept. */
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
/**
 * Average precision by which a set may lie behind the best before it counts as worse. On the Handbook's validation
 * weeks sets within it rank later payments within .004 of what all features do, sets .01 behind by .01 worse.
 */
const TOLERANCE = 0.002;
/** Unseen payments a fold whose contributions rank the features. */
const EXPLAINED_ROWS = 1_000;

/**
 * Backward elimination: each step fits the learner on every fold with the features left, and leaves out the fifth whose
 * mean |Shapley value| over the fold's test payments is least, until payments are ranked worse than with the best set so
 * far; kept is the last set that was not. Sets much smaller may seem as good by chance again: they are not asked.
 * The same table and seed keep the same features.
 * Source: I. Guyon et al., Gene selection for cancer classification, 2002, with Shapley values for weights.
 */
export function selectFeatures(table: TrainingTable, options: SelectionOptions): FeatureSelection {
  const { clockUs = () => NaN, onProgress } = options;
  const startedUs = clockUs();
  const parts = options.folds
    .map(({ trainRows, testRows }) => ({ training: takeRows(table, trainRows), test: takeRows(table, testRows) }))
    .filter(({ training, test }) => hasBothClasses(training) && hasBothClasses(test));
  const steps: SelectionStep[] = [];
  let [kept, chosen, names] = [table.names, 0, table.names];
  let best: readonly number[] | undefined;
  while (parts.length > 0 && steps.length < MOST_STEPS && names.length >= FEWEST) {
    const { qualities, telling } = fitFolds(parts, names, options);
    const isWorse = best !== undefined && isBehind(qualities, best);
    const least = names.toSorted((a, b) => telling.get(a)! - telling.get(b)!).slice(0, Math.ceil(STEP_SHARE * names.length)); // prettier-ignore
    steps.push({ features: names.length, averagePrecision: mean(qualities), dropped: isWorse ? [] : least });
    onProgress?.(steps.length / MOST_STEPS);
    if (isWorse) break;
    [kept, chosen] = [names, steps.length - 1];
    if (best === undefined || mean(qualities) > mean(best)) best = qualities;
    names = names.filter((name) => !least.includes(name));
  }
  onProgress?.(1);
  const leftOut = table.names.filter((name) => !kept.includes(name));
  return { steps, chosen, kept, leftOut, seconds: (clockUs() - startedUs) / 1e6 };
}

interface Part {
  readonly training: TrainingTable;
  readonly test: TrainingTable;
}

/** By more than the tolerance, and by more than a standard error of the differences, fold by fold. */
function isBehind(qualities: readonly number[], best: readonly number[]): boolean {
  const behind = best.map((value, fold) => value - qualities[fold]!);
  const centre = mean(behind);
  const squares = behind.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const standardError = behind.length < 2 ? 0 : Math.sqrt(squares / (behind.length - 1) / behind.length);
  return centre > Math.max(TOLERANCE, standardError);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The average precision of each fold, and how much each feature tells in all of them. */
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

function hasBothClasses({ labels, rows }: TrainingTable): boolean {
  const frauds = labels.reduce((sum, label) => sum + label, 0);
  return frauds > 0 && frauds < rows;
}
