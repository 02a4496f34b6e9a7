/** Payments with sensible defaults: a test names only what matters to it. */
import { type Arrival, type Transaction } from '../../src/domain/transaction.ts';

/** 2026-01-15T12:00:00Z, a Thursday. */
export const NOON_MS = Date.UTC(2026, 0, 15, 12);

export function aTransaction(overrides: Partial<Transaction> = {}): Transaction {
  return {
    transactionId: 'tx-1',
    userId: 'user-1',
    merchantId: 'merchant-1',
    amountMinor: 2500,
    currency: 'USD',
    merchantCategory: 'grocery',
    transactionType: 'purchase',
    eventTimeMs: NOON_MS,
    ...overrides,
  };
}

/** Arrives when it happens, in the base currency, unless told otherwise. */
export function anArrival(overrides: Partial<Arrival> & { readonly transaction?: Transaction } = {}): Arrival {
  const transaction = overrides.transaction ?? aTransaction();
  return {
    seq: 1,
    arrivalMs: transaction.eventTimeMs,
    amountBaseMinor: transaction.amountMinor,
    ...overrides,
    transaction,
  };
}
