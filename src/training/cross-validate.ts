/** Folds that test a way of learning more than once: growing windows of time, or classes dealt evenly. */
import { SentinelError } from '../domain/errors.ts';
import { marginsOf } from '../learners/margins.ts';
import { type Learner } from '../learners/protocol.ts';
import { averagePrecision } from '../metrics/average-precision.ts';
import { rankedCounts } from '../metrics/ranked-counts.ts';
import { rocAuc } from '../metrics/roc-auc.ts';
import { createRandom } from '../stats/random.ts';
import { firstRowFrom } from './split.ts';
import { takeRows, type TrainingTable } from './table.ts';

export interface RowFold {
  readonly trainRows: Uint32Array;
  readonly testRows: Uint32Array;
}

const range = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/**
 * Expanding windows: the rows are cut into `folds` + 1 blocks of equal size; fold i tests block i + 1 and trains on
 * all rows at least `gapMs` before it begins. Never a training row after a test row.
 */
export function expandingFolds(timesMs: Float64Array, folds: number, gapMs: number): readonly RowFold[] {
  const block = timesMs.length / (folds + 1);
  return Array.from({ length: folds }, (_, i) => {
    // Payments of one moment stay on one side.
    const from = firstRowFrom(timesMs, timesMs[Math.floor((i + 1) * block)] ?? Infinity);
    const to =
      i === folds - 1 ? timesMs.length : firstRowFrom(timesMs, timesMs[Math.floor((i + 2) * block)] ?? Infinity);
    const trainTo = firstRowFrom(timesMs, (timesMs[from] ?? Infinity) - gapMs);
    return { trainRows: range(0, gapMs > 0 ? Math.min(trainTo, from) : from), testRows: range(from, to) };
  });
}

/**
 * Prequential: the rows are cut into `folds` + 1 blocks of equal length of time; fold i tests block i + 1 and trains
 * on the rows of one block's length that end `gapMs` before it begins. Source: A. P. Dawid, 1984; Fraud Detection
 * Handbook (Le Borgne et al., 2022), chapter 5.
 */
export function slidingFolds(timesMs: Float64Array, folds: number, gapMs: number): readonly RowFold[] {
  const [firstMs, lastMs] = [timesMs[0] ?? 0, (timesMs.at(-1) ?? 0) + 1];
  const lengthMs = (lastMs - firstMs - gapMs) / (folds + 1);
  const from = (timeMs: number): number => firstRowFrom(timesMs, timeMs);
  return Array.from({ length: folds }, (_, i) => {
    const trainFromMs = firstMs + i * lengthMs;
    const testFromMs = trainFromMs + lengthMs + gapMs;
    // Rounding of the last bound must lose no row.
    const testTo = i === folds - 1 ? timesMs.length : from(testFromMs + lengthMs);
    return {
      trainRows: range(from(trainFromMs), from(trainFromMs + lengthMs)),
      testRows: range(from(testFromMs), testTo),
    };
  });
}

/** Each class dealt to `folds` test sets as evenly as can be, at random; rows rising. Ignores time. */
export function stratifiedFolds(labels: Uint8Array, folds: number, seed: number): readonly RowFold[] {
  const foldOf = new Uint32Array(labels.length);
  const random = createRandom(seed);
  let next = 0; // dealing goes on where the class before ended, so that sizes differ by one at most
  for (const label of [1, 0]) {
    const rows = range(0, labels.length).filter((row) => labels[row] === label);
    for (const row of random.shuffle(rows)) foldOf[row] = next++ % folds;
  }
  const all = range(0, labels.length);
  return Array.from({ length: folds }, (_, fold) => ({
    trainRows: all.filter((row) => foldOf[row] !== fold),
    testRows: all.filter((row) => foldOf[row] === fold),
  }));
}

/** Margins given by models that had not seen the row; NaN for rows no fold tests. LABELS_INSUFFICIENT when a fold lacks a class. */
export function outOfFoldMargins(
  learner: Learner,
  table: TrainingTable,
  folds: readonly RowFold[],
  options: { readonly seed: number; readonly validation?: TrainingTable },
  onFold?: (trainRows: number) => void,
): Float64Array {
  const margins = new Float64Array(table.rows).fill(NaN);
  for (const [index, { trainRows, testRows }] of folds.entries()) {
    const training = takeRows(table, trainRows);
    const frauds = training.labels.reduce((sum, label) => sum + label, 0);
    if (frauds === 0 || frauds === training.rows) {
      throw new SentinelError('LABELS_INSUFFICIENT', {
        problem: `fold ${index + 1} trains on ${frauds} frauds among ${training.rows} payments`,
      });
    }
    const model = learner.fit(training, options);
    const tested = marginsOf(model, takeRows(table, testRows));
    testRows.forEach((row, i) => (margins[row] = tested[i]!));
    onFold?.(training.rows);
  }
  return margins;
}

export interface FoldQuality {
  readonly rocAuc: number;
  readonly averagePrecision: number;
}

/** How well margins rank each fold's test rows; NaN for a fold whose test rows lack a class. */
export function foldQualities(
  labels: Uint8Array,
  margins: Float64Array,
  folds: readonly RowFold[],
): readonly FoldQuality[] {
  return folds.map(({ testRows }) => {
    const tested = Uint8Array.from(testRows, (row) => labels[row]!);
    const frauds = tested.reduce((sum, label) => sum + label, 0);
    if (frauds === 0 || frauds === tested.length) return { rocAuc: NaN, averagePrecision: NaN };
    const scores = Float64Array.from(testRows, (row) => margins[row]!);
    const counts = rankedCounts(tested, scores);
    return { rocAuc: rocAuc(counts), averagePrecision: averagePrecision(counts) };
  });
}
