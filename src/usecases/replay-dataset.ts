/** A data set replayed through the live feature functions: every payment's vector, as it would have been at its time. */
import { type ReplayEvent } from '../datasets/replay-order.ts';
import { SentinelError } from '../domain/errors.ts';
import { type KnownLabel } from '../domain/labelled-transaction.ts';
import { type Label, referenceOf } from '../domain/label.ts';
import { type RateTable, toBaseMinor } from '../domain/money.ts';
import { type Arrival, type Transaction } from '../domain/transaction.ts';
import { type FeatureEngine } from '../features/engine.ts';

/** One replayed payment; `vector` is reused for the next one, so copy what you keep. */
export type OnReplayed = (arrival: Arrival, vector: Float64Array, label: KnownLabel | undefined) => void;

/** Folds events into `engine` one after the other: labels at their arrival, payments as approved. */
export function createDatasetReplay(
  engine: FeatureEngine,
  rates: RateTable,
  onReplayed: OnReplayed,
): (event: ReplayEvent) => void {
  const vector = new Float64Array(engine.catalogue.features.length);
  /** Payments whose label has not arrived yet; correction of a label is not a thing data sets hold. */
  const expected = new Map<string, number>();
  let seq = 0;

  const payment = (transaction: Transaction, label: KnownLabel | undefined): void => {
    const arrivalMs = transaction.eventTimeMs;
    const due = engine.tablesDue(arrivalMs);
    if (due !== undefined) engine.publish(due);
    const arrival = { seq: ++seq, arrivalMs, transaction, amountBaseMinor: baseAmount(transaction, rates) };
    engine.read(arrival, vector);
    onReplayed(arrival, vector, label);
    engine.update(arrival, 'approve');
    // Only these come back as label events; the others are known by silence.
    const comesBack =
      label !== undefined && (label.isFraud || label.arrivalMs < arrivalMs + engine.settings.labelDelayMs);
    if (comesBack) expected.set(transaction.transactionId, arrival.seq);
  };

  const label = (word: Label, transaction: Transaction): void => {
    const paymentSeq = expected.get(transaction.transactionId) ?? 0;
    expected.delete(transaction.transactionId);
    const amountBaseMinor = baseAmount(transaction, rates);
    const arrival = { seq: paymentSeq, arrivalMs: transaction.eventTimeMs, transaction, amountBaseMinor };
    engine.label({ seq: ++seq, label: word, payment: referenceOf(arrival, transaction.eventTimeMs, false) });
  };

  return (event) => {
    if (event.type === 'payment') payment(event.payment.transaction, event.payment.label);
    else label(event.label, event.transaction);
  };
}

function baseAmount(transaction: Transaction, rates: RateTable): number {
  const amount = toBaseMinor(transaction.amountMinor, transaction.currency, rates);
  if (amount === undefined) throw new SentinelError('UNKNOWN_CURRENCY', { currency: transaction.currency });
  return amount;
}
