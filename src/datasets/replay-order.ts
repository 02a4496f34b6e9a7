/** Payments and their labels in the one order in which they would have arrived. */
import { type Label } from '../domain/label.ts';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type Transaction } from '../domain/transaction.ts';

export interface PaymentEvent {
  readonly type: 'payment';
  readonly atMs: number;
  readonly payment: LabelledTransaction;
}

export interface LabelEvent {
  readonly type: 'label';
  readonly atMs: number;
  readonly label: Label;
  readonly transaction: Transaction;
}

export type ReplayEvent = PaymentEvent | LabelEvent;

export interface ReplayOrder {
  /** The labels due up to and including this payment's time, then the payment. Payments must come in order of time. */
  add(payment: LabelledTransaction): readonly ReplayEvent[];
  /** The labels still waiting, in order. */
  rest(): readonly LabelEvent[];
}

/** Before: earlier, or at the same time and of an earlier payment. */
function before(a: Pending, b: Pending): boolean {
  return a.event.atMs < b.event.atMs || (a.event.atMs === b.event.atMs && a.order < b.order);
}

interface Pending {
  readonly event: LabelEvent;
  readonly order: number;
}

/** A binary heap of the labels that have not arrived yet. */
function createPendingLabels() {
  const heap: Pending[] = [];
  return {
    size: () => heap.length,
    firstMs: () => heap[0]?.event.atMs ?? Infinity,
    push(item: Pending): void {
      let place = heap.length;
      heap.push(item);
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!before(item, heap[parent]!)) break;
        heap[place] = heap[parent]!;
        place = parent;
      }
      heap[place] = item;
    },
    pop(): LabelEvent {
      const first = heap[0]!;
      const last = heap.pop()!;
      if (heap.length === 0) return first.event;
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
        if (!before(heap[child]!, last)) break;
        heap[place] = heap[child]!;
        place = child;
      }
      heap[place] = last;
      return first.event;
    },
  };
}

/**
 * Merges labels into payments; at equal times labels stand first, and among them those of earlier payments.
 * Nobody reports what silence says: a genuine label is an event only when it arrives before `labelDelayMs` have passed.
 * Memory is that of the labels on their way.
 */
export function createReplayOrder(labelDelayMs: number): ReplayOrder {
  const pending = createPendingLabels();
  let order = 0;

  function expectLabel({ transaction, label }: LabelledTransaction): void {
    if (label === undefined) return;
    if (!label.isFraud && label.arrivalMs >= transaction.eventTimeMs + labelDelayMs) return;
    const word: Label = { transactionId: transaction.transactionId, source: 'chargeback', ...label };
    pending.push({ event: { type: 'label', atMs: label.arrivalMs, label: word, transaction }, order: order++ });
  }

  return {
    add(payment) {
      const atMs = payment.transaction.eventTimeMs;
      const events: ReplayEvent[] = [];
      while (pending.firstMs() <= atMs) events.push(pending.pop());
      events.push({ type: 'payment', atMs, payment });
      expectLabel(payment);
      return events;
    },
    rest() {
      const events: LabelEvent[] = [];
      while (pending.size() > 0) events.push(pending.pop());
      return events;
    },
  };
}

/** All of `payments`, which come in order of time, with their labels at their arrival. */
export function* replayOrder(payments: Iterable<LabelledTransaction>, labelDelayMs: number): Generator<ReplayEvent> {
  const merged = createReplayOrder(labelDelayMs);
  for (const payment of payments) yield* merged.add(payment);
  yield* merged.rest();
}

/** The same for payments that come in batches. */
export async function* replayOrderOfBatches(
  batches: AsyncIterable<readonly LabelledTransaction[]>,
  labelDelayMs: number,
): AsyncGenerator<readonly ReplayEvent[]> {
  const merged = createReplayOrder(labelDelayMs);
  for await (const batch of batches) yield batch.flatMap((payment) => merged.add(payment));
  yield merged.rest();
}
