/** A feature vector becomes a margin, a calibrated probability and exact contributions. */
import { type Model } from '../learners/protocol.ts';
import { type Calibrator } from '../learners/calibration/calibrator.ts';
import { createVectorPool } from './vector-pool.ts';

/** One scored payment; `contributions` is in catalogue order and sums, with `baseMargin`, to `margin` within 1e-9. */
export interface Score {
  margin: number;
  probability: number;
  baseMargin: number;
  contributions: Float64Array | undefined;
}

export interface Scorer {
  readonly version: string;
  readonly featureCount: number;
  /** Margin and probability of a vector; no contributions. Does not keep the vector. RangeError unless [featureCount]. */
  score(vector: Float64Array): Score;
  /** Adds the exact contributions to `score`, which must come from the same vector; nothing where the model has none. */
  explain(vector: Float64Array, score: Score): void;
}

/** The scorer of one model version: `model` reads raw catalogue vectors, `calibrator` maps its margin to a probability. */
export function createScorer(version: string, model: Model, calibrator: Calibrator): Scorer {
  const nextContributions = createVectorPool(model.featureCount);
  return {
    version,
    featureCount: model.featureCount,
    score(vector) {
      if (vector.length !== model.featureCount) {
        throw new RangeError(`invalid vector: ${vector.length} values (model ${version} reads ${model.featureCount})`);
      }
      const margin = model.margin(vector);
      if (!Number.isFinite(margin)) throw new RangeError(`margin of model ${version} is ${margin}`);
      return { margin, probability: calibrator.apply(margin), baseMargin: 0, contributions: undefined };
    },
    explain(vector, score) {
      if (model.isUnexplained) return;
      const contributions = nextContributions();
      score.baseMargin = model.addContributions(vector, contributions, 1);
      score.contributions = contributions;
    },
  };
}
