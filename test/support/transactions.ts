/** Payments for tests: sensible in every field, changed only where a test cares. */
import { type Arrival, type Transaction } from '../../src/domain/transaction.ts';

/** 2026-01-15T12:00:00Z, a Thursday noon. */
export const NOON_MS = Date.UTC(2026, 0, 15, 12);

export function aTransaction(overrides: Partial<Transaction> = {}): Transaction {
  return {
    transactionId: 'txn-1',
    userId: 'user-1',
    merchantId: 'merchant-1',
    amountMinor: 2_500,
    currency: 'USD',
    merchantCategory: 'grocery',
    transactionType: 'purchase',
    eventTimeMs: NOON_MS,
    ...overrides,
  };
}

/** The arrival of a payment at the moment it happened, its amount in the base currency as it stands. */
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
