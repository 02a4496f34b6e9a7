/** A learner that weighs frauds up while it learns, whatever its method. */
import { type Learner, type TrainingSet } from './protocol.ts';

/** A factor on the weight of every fraud, or `balanced`: both classes weigh the same in total. */
export type ClassWeight = number | 'balanced';

/** The weight of all genuine rows over that of all frauds; 1 when there are none of one. */
export function balancingFactor({ labels, weights }: Pick<TrainingSet, 'labels' | 'weights'>): number {
  const sums = [0, 0];
  labels.forEach((label, row) => (sums[label]! += weights?.[row] ?? 1));
  return sums[0]! > 0 && sums[1]! > 0 ? sums[0]! / sums[1]! : 1;
}

function weighted(set: TrainingSet, factor: number): TrainingSet {
  const weights = Float64Array.from(set.labels, (label, row) => (set.weights?.[row] ?? 1) * (label === 1 ? factor : 1));
  return { ...set, weights };
}

/**
 * `inner` fitted with `classWeight`; the rows it stops early on weigh by the same factor. Margins are shifted towards
 * fraud, which calibration takes back. Source: scikit-learn's class_weight, XGBoost's scale_pos_weight.
 */
export function createWeightedLearner(inner: Learner, classWeight: ClassWeight): Learner {
  if (classWeight !== 'balanced' && !(classWeight > 0 && classWeight < Infinity)) {
    throw new RangeError(`invalid class weight: ${classWeight} (expected more than 0, or balanced)`);
  }
  return {
    name: inner.name,
    fit(training, { validation, ...options }) {
      const factor = classWeight === 'balanced' ? balancingFactor(training) : classWeight;
      return inner.fit(weighted(training, factor), {
        ...options,
        ...(validation && { validation: weighted(validation, factor) }),
      });
    },
  };
}
