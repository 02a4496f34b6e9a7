/** Why a vector scores as it does: every contribution, strongest first, as a sentence for an analyst. */
import { type Transaction } from '../domain/transaction.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { sentence } from '../features/sentences.ts';
import { type ModelArtifact, scorerOf } from '../scoring/artifact.ts';
import { strongest } from '../scoring/reasons.ts';

export interface ExplainedFeature {
  readonly feature: string;
  /** Null when missing. */
  readonly value: number | null;
  /** Log-odds added to the base margin. */
  readonly contribution: number;
  readonly sentence: string;
}

export interface ExplainedScore {
  readonly modelVersion: string;
  readonly probability: number;
  readonly margin: number;
  readonly baseMargin: number;
  /** False for a model without contributions. */
  readonly isExplained: boolean;
  /** Features that moved the score at all; base margin + contributions = margin within 1e-9. */
  readonly contributions: readonly ExplainedFeature[];
}

/** `vector` is in the order of `catalogue`, which must be the one the model was made for. */
export function explainScore(
  artifact: Pick<ModelArtifact, 'version' | 'model' | 'calibrator' | 'currency'>,
  catalogue: Catalogue,
  transaction: Transaction,
  vector: Float64Array,
): ExplainedScore {
  const scorer = scorerOf(artifact);
  const score = scorer.score(vector);
  scorer.explain(vector, score);
  const contributions = score.contributions ?? new Float64Array(0);
  return {
    modelVersion: artifact.version,
    probability: score.probability,
    margin: score.margin,
    baseMargin: score.baseMargin,
    isExplained: score.contributions !== undefined,
    contributions: strongest(contributions, contributions.length).map((feature) => ({
      feature: catalogue.features[feature]!.name,
      value: Number.isNaN(vector[feature]) ? null : vector[feature]!,
      contribution: contributions[feature]!,
      sentence: sentence(feature, vector, catalogue, transaction, artifact.currency),
    })),
  };
}
