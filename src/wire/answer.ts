/** A decision as it is given to its sender: the text of the answer, and what a batch adds up. */
import { type PaymentRequest, type ScoreTransaction } from '../usecases/score-transaction.ts';
import { type CatalogueNames, createDecisionEncoder, inferenceTimeMs } from './decision.ts';
import { encodeShortForm } from './short-form.ts';

export type AnswerForm = 'full' | 'short';

export interface Answer {
  /** JSON, one object. */
  readonly text: string;
  /** The decision is other than approve. */
  readonly isFlagged: boolean;
  readonly inferenceTimeMs: number;
}

/** Resolves and rejects as `ScoreTransaction` does. */
export type AnswerPayment = (payment: PaymentRequest, form: AnswerForm) => Promise<Answer>;

export function createAnswerPayment(
  scoreTransaction: ScoreTransaction,
  catalogues: readonly CatalogueNames[],
): AnswerPayment {
  const encodeDecision = createDecisionEncoder(catalogues);
  return async (payment, form) => {
    const { decision, cached } = await scoreTransaction(payment);
    return {
      text: form === 'full' ? encodeDecision(decision, cached) : encodeShortForm(decision),
      isFlagged: decision.outcome !== 'approve',
      inferenceTimeMs: inferenceTimeMs(decision),
    };
  };
}
