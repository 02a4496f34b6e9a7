/** Payments for tests: a test names only the fields that matter to it. */
import { type Arrival, type Transaction } from '../../src/domain/transaction.ts';

/** 2026-01-15 12:00 UTC, a Thursday. */
export const NOON_MS = Date.UTC(2026, 0, 15, 12);

export function aTransaction(overrides: Partial<Transaction> = {}): Transaction {
  return {
    transactionId: 't1',
    userId: 'u1',
    merchantId: 'm1',
    amountMinor: 2_500,
    currency: 'USD',
    merchantCategory: 'grocery',
    transactionType: 'purchase',
    eventTimeMs: NOON_MS,
    ...overrides,
  };
}

export function anArrival(overrides: Partial<Arrival> = {}): Arrival {
  const transaction = overrides.transaction ?? aTransaction();
  return {
    seq: 1,
    arrivalMs: transaction.eventTimeMs,
    transaction,
    amountBaseMinor: transaction.amountMinor,
    ...overrides,
  };
}
