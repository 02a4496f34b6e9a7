/** The ways to split history for testing learners, by the names users choose them by. */
import { expandingFolds, type RowFold, slidingFolds, stratifiedFolds } from './cross-validate.ts';
import { type TrainingTable } from './table.ts';

export const VALIDATIONS = ['temporal', 'stratified', 'prequential'] as const;
export type Validation = (typeof VALIDATIONS)[number];

export interface ValidationPlan {
  readonly method: Validation;
  /** A whole number from 1; from 2 for `stratified`. */
  readonly folds: number;
}

interface SplitOptions {
  /** Time between training and test rows, the label delay; only prequential folds leave it. */
  readonly gapMs: number;
  readonly seed: number;
}

type Splitter = (
  table: Pick<TrainingTable, 'timesMs' | 'labels'>,
  folds: number,
  options: SplitOptions,
) => readonly RowFold[];

/**
 * `temporal`: windows that grow with time, each tested on the block after it, without a gap: it weighs learners
 * against each other, and all miss the same labels. `prequential`: windows of one length that slide, each tested on
 * the block that begins a label delay after it, as a model in service is. `stratified`: classes dealt evenly at
 * random; it ignores time, so it flatters whatever remembers neighbours in time.
 */
const SPLITTERS: Readonly<Record<Validation, Splitter>> = {
  temporal: ({ timesMs }, folds) => expandingFolds(timesMs, folds, 0),
  stratified: ({ labels }, folds, { seed }) => stratifiedFolds(labels, folds, seed),
  prequential: ({ timesMs }, folds, { gapMs }) => slidingFolds(timesMs, folds, gapMs),
};

/** Throws RangeError for a plan that there is none of. */
export function requirePlan({ method, folds }: ValidationPlan): void {
  if (!VALIDATIONS.includes(method)) {
    throw new RangeError(`invalid validation: ${String(method)} (expected one of ${VALIDATIONS.join(', ')})`);
  }
  // One temporal or prequential fold is a plain split; of one stratified fold all rows are tested and none learnt from.
  const least = method === 'stratified' ? 2 : 1;
  if (!(Number.isInteger(folds) && folds >= least)) {
    throw new RangeError(`invalid folds: ${folds} (expected a whole number from ${least})`);
  }
}

/** The folds of a plan over the rows of a table in order of time. RangeError for a plan that there is none of. */
export function foldsOf(
  { method, folds }: ValidationPlan,
  table: Pick<TrainingTable, 'timesMs' | 'labels'>,
  options: SplitOptions,
): readonly RowFold[] {
  requirePlan({ method, folds });
  return SPLITTERS[method](table, folds, options);
}
