/** One payment in, one recorded decision out: the whole product in one function. */
import { type Transaction } from '../domain/transaction.ts';
import { type DecisionRecord } from '../journal/record.ts';

/** A validated and masked request; id and event time are given their defaults here. */
export interface PaymentRequest {
  readonly transaction: Omit<Transaction, 'transactionId' | 'eventTimeMs'> & {
    readonly transactionId?: string;
    readonly eventTimeMs?: number;
  };
  /** First 128 bits of SHA-256 over the canonical JSON as sent (masked, before defaults), 32 hex digits. */
  readonly requestHash: string;
}

export interface Answered {
  readonly decision: DecisionRecord;
  /** The payment had been answered before, with this decision. */
  readonly cached: boolean;
}

/**
 * Resolves once the decision is durable. Rejects with UNKNOWN_CURRENCY, TIMESTAMP_IN_FUTURE, ID_REUSED, OVERLOADED,
 * NOT_READY, SHUTTING_DOWN or JOURNAL_UNAVAILABLE; then nothing was recorded.
 */
export type ScoreTransaction = (request: PaymentRequest) => Promise<Answered>;
