/** One trial, fold by fold: a learner with its settings, measured on rows it has not seen. */
import { SentinelError } from '../../domain/errors.ts';
import { type Learner } from '../../learners/protocol.ts';
import { foldQualities, outOfFoldMargins, type RowFold } from '../cross-validate.ts';
import { type TrainingTable } from '../table.ts';

/**
 * Yields the mean average precision over the folds done so far, after each fold, so that a trial can be left between
 * two. LABELS_INSUFFICIENT when a fold lacks a class; RangeError when the settings cannot be fitted.
 */
export function* trialSteps(
  learner: Learner,
  table: TrainingTable,
  folds: readonly RowFold[],
  seed: number,
): Generator<number> {
  let sum = 0;
  for (const [index, fold] of folds.entries()) {
    const margins = outOfFoldMargins(learner, table, [fold], { seed });
    const { averagePrecision } = foldQualities(table.labels, margins, [fold])[0]!;
    if (Number.isNaN(averagePrecision)) {
      throw new SentinelError('LABELS_INSUFFICIENT', {
        problem: `fold ${index + 1} tests on payments without a fraud`,
      });
    }
    sum += averagePrecision;
    yield sum / (index + 1);
  }
}
