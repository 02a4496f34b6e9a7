/** What the answer to a payment says of its decision, as values: they become text where the payment came in. */
import { type Outcome, type RiskLevel } from '../domain/outcome.ts';
import { unnamedFeature } from '../domain/unnamed-feature.ts';
import { type FeatureDefinition } from '../features/feature.ts';
import { type DecisionRecord } from '../journal/record.ts';
import { type PaymentRequest, type ScoreTransaction } from '../usecases/score-transaction.ts';
import { categoryText } from './category-text.ts';

export interface Answer {
  readonly transactionId: string;
  /** Calibrated probability of fraud, 0..1. */
  readonly probability: number;
  readonly outcome: Outcome;
  readonly riskLevel: RiskLevel;
  /** Strongest first. */
  readonly reasons: readonly AnswerReason[];
  /** Ids of the rules that fired, shadow rules marked by a leading `~`. */
  readonly rules: readonly string[];
  readonly model: string;
  readonly policy: string;
  /** Time from features to decision, microseconds. */
  readonly totalUs: number;
  /** The payment had been answered before. */
  readonly cached: boolean;
}

export interface AnswerReason {
  readonly feature: string;
  /** A category as its text; NaN when missing. */
  readonly value: number | string;
  /** Log-odds; NaN when not computed yet. */
  readonly contribution: number;
  readonly text: string;
}

/** Name and kind of each feature in catalogue order, and where the text of a category stands. */
export type FeatureNames = readonly Pick<FeatureDefinition, 'name' | 'kind' | 'category'>[];

/** A catalogue by the hash that decisions carry. */
export interface CatalogueNames {
  readonly hash: string;
  readonly features: FeatureNames;
}

export type AnswerOf = (decision: DecisionRecord, cached: boolean) => Answer;

/** A decision of another catalogue than these has its features named by their place. */
export function createAnswerOf(catalogues: readonly CatalogueNames[]): AnswerOf {
  const byHash = new Map(catalogues.map(({ hash, features }) => [hash, features]));

  return (decision, cached) => {
    const { transaction, versions, vector, contributions } = decision;
    const features = byHash.get(versions.catalogue);
    return {
      transactionId: transaction.transactionId,
      probability: decision.probability,
      outcome: decision.outcome,
      riskLevel: decision.riskLevel,
      reasons: decision.reasons.map(({ feature: place, text }) => {
        const known = features?.[place];
        const name = known?.name ?? unnamedFeature(place);
        const value = known?.kind === 'category' ? categoryText(name, transaction, known.category) : vector?.[place];
        return { feature: name, value: value ?? NaN, contribution: contributions?.[place] ?? NaN, text };
      }),
      rules: decision.rules,
      model: versions.model,
      policy: versions.policy,
      totalUs: decision.durations.totalUs,
      cached,
    };
  };
}

/** Resolves and rejects as `ScoreTransaction` does. */
export type AnswerPayment = (payment: PaymentRequest) => Promise<Answer>;

export function createAnswerPayment(
  scoreTransaction: ScoreTransaction,
  catalogues: readonly CatalogueNames[],
): AnswerPayment {
  const answerOf = createAnswerOf(catalogues);
  return async (payment) => {
    const { decision, cached } = await scoreTransaction(payment);
    return answerOf(decision, cached);
  };
}
