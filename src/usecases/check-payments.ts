/** Refuses labelled payments of a program that no reader of files has cleaned. */
import { type KnownLabel, type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { maskPans } from '../domain/pan.ts';
import { type Transaction } from '../domain/transaction.ts';

const NAMES = ['transactionId', 'userId', 'merchantId'] as const;

/**
 * Gives payments back one after the other; RangeError for a payment that no file could have brought, such as one of
 * 1998.9999999999998 cents, and for an id that came before. A label from before its payment is known with it, as in
 * files.
 */
export function createPaymentCheck(): (payment: LabelledTransaction) => LabelledTransaction {
  const ids = new Set<string>();
  return (payment) => {
    const { transaction, label } = payment;
    requireTransaction(transaction);
    if (ids.has(transaction.transactionId)) refuse(transaction, 'transactionId', 'an id that no payment had before');
    ids.add(transaction.transactionId);
    if (label === undefined) return payment;
    requireLabel(label, transaction);
    return label.arrivalMs >= transaction.eventTimeMs
      ? payment
      : { transaction, label: { ...label, arrivalMs: transaction.eventTimeMs } };
  };
}

function requireTransaction(transaction: Transaction): void {
  for (const name of NAMES) {
    if (typeof transaction[name] !== 'string' || transaction[name] === '') refuse(transaction, name, 'a text');
  }
  const { amountMinor, eventTimeMs } = transaction;
  if (!(Number.isSafeInteger(amountMinor) && amountMinor >= 0)) {
    refuse(transaction, 'amountMinor', 'a whole number of minor units from 0');
  }
  if (!Number.isFinite(eventTimeMs)) refuse(transaction, 'eventTimeMs', 'epoch milliseconds');
}

function requireLabel({ isFraud, arrivalMs }: KnownLabel, transaction: Transaction): void {
  if (typeof isFraud !== 'boolean') refuse(transaction, 'label.isFraud', 'true or false', isFraud);
  if (typeof arrivalMs !== 'number' || Number.isNaN(arrivalMs)) {
    refuse(transaction, 'label.arrivalMs', 'epoch milliseconds', arrivalMs);
  }
}

function refuse(
  transaction: Transaction,
  name: string,
  expected: string,
  value: unknown = transaction[name as keyof Transaction],
): never {
  const { transactionId } = transaction;
  throw new RangeError(
    maskPans(`invalid ${name} of payment ${transactionId}: ${String(value)} (expected ${expected})`),
  );
}
