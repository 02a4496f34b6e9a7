/** Payments sent as messages: at a rate, or at their own times faster or slower, once or round after round, labels following. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KnownLabel, type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type PaymentSink, type SinkMessage } from '../ports/payment-sink.ts';
import { requestText } from '../wire/request-text.ts';

/** So many payments a second (Infinity: as fast as they are taken), or at their own times so many times faster. */
export type Pace = { readonly perSecond: number } | { readonly speedUp: number };

export interface PaymentStreamPlan {
  /** The payments of one round, in order of time. */
  readonly payments: () => Iterable<LabelledTransaction> | AsyncIterable<LabelledTransaction>;
  readonly pace: Pace;
  /** Begins again when the payments end; ids of later rounds end in the number of the round. */
  readonly loop: boolean;
  /** Messages carry the payments' own times; otherwise the service takes the time of arrival. */
  readonly dated: boolean;
  readonly sink: PaymentSink;
  readonly signal: AbortSignal;
  /** Milliseconds from any start; never goes back. */
  readonly nowMs: () => number;
  readonly onSecond?: (progress: StreamProgress) => void;
}

export interface StreamProgress {
  readonly payments: number;
  readonly labels: number;
  readonly rounds: number;
  /** How far the sender is behind its schedule, milliseconds. */
  readonly lateMs: number;
}

/** Messages handed over at once, at most. */
const BATCH = 200;
const SECOND_MS = 1_000;
const LONGEST_NAP_MS = 50;

interface DueLabel {
  readonly dueMs: number;
  readonly message: SinkMessage;
}

/**
 * Sends until the payments end or the signal aborts. A fraud's label follows when the payments have come to the time it
 * became known; nobody reports that a payment was genuine. What is still unknown at the end is sent then.
 */
export async function sendPayments(plan: PaymentStreamPlan): Promise<StreamProgress> {
  const { sink, signal, nowMs, onSecond } = plan;
  const begunMs = nowMs();
  const labels: DueLabel[] = [];
  let batch: SinkMessage[] = [];
  let sent = { payments: 0, labels: 0, rounds: 0, lateMs: 0 };
  let toldMs = begunMs;

  const flush = async (): Promise<void> => {
    const messages = batch;
    batch = [];
    if (messages.length > 0) await sink.send(messages);
    if (nowMs() - toldMs < SECOND_MS) return;
    toldMs += SECOND_MS;
    onSecond?.(sent);
  };

  const put = async (message: SinkMessage): Promise<void> => {
    batch.push(message);
    if (message.to === 'labels') sent = { ...sent, labels: sent.labels + 1 };
    else sent = { ...sent, payments: sent.payments + 1 };
    if (batch.length >= BATCH) await flush();
  };

  const tell = async (untilMs: number): Promise<void> => {
    while (labels.length > 0 && labels[0]!.dueMs <= untilMs) await put(labels.shift()!.message);
  };

  const waitFor = async (dueMs: number): Promise<void> => {
    if (dueMs > nowMs()) await flush();
    for (let left = dueMs - nowMs(); left > 0 && !signal.aborted; left = dueMs - nowMs()) {
      await sleep(Math.min(left, LONGEST_NAP_MS));
    }
    sent = { ...sent, lateMs: Math.max(0, nowMs() - dueMs) };
  };

  do {
    const schedule = createSchedule(plan.pace, sent.payments, sent.rounds === 0 ? begunMs : nowMs());
    const suffix = sent.rounds === 0 ? '' : `-${sent.rounds + 1}`;
    for await (const { transaction, label } of plan.payments()) {
      if (signal.aborted) break;
      await waitFor(schedule(sent.payments, transaction.eventTimeMs));
      await tell(transaction.eventTimeMs);
      const transactionId = transaction.transactionId + suffix;
      const value = requestText({ ...transaction, transactionId }, { dated: plan.dated });
      await put({ to: 'transactions', key: transaction.userId, value });
      if (label?.isFraud === true) insert(labels, dueLabel(transactionId, label));
    }
    if (!signal.aborted) await tell(Infinity);
    sent = { ...sent, rounds: sent.rounds + 1 };
  } while (plan.loop && !signal.aborted);
  await flush();
  return sent;
}

/** When payment number `index` of event time `timeMs` is due. */
function createSchedule(pace: Pace, firstIndex: number, begunMs: number): (index: number, timeMs: number) => number {
  let firstMs: number | undefined;
  return (index, timeMs) => {
    if ('perSecond' in pace) return begunMs + ((index - firstIndex) * SECOND_MS) / pace.perSecond;
    firstMs ??= timeMs;
    return begunMs + (timeMs - firstMs) / pace.speedUp;
  };
}

function dueLabel(transactionId: string, { arrivalMs }: KnownLabel): DueLabel {
  const value = JSON.stringify({ transaction_id: transactionId, is_fraud: true, source: 'chargeback' });
  return { dueMs: arrivalMs, message: { to: 'labels', key: transactionId, value } };
}

/** Keeps `labels` in order of time; they mostly come in that order. */
function insert(labels: DueLabel[], label: DueLabel): void {
  let at = labels.length;
  while (at > 0 && labels[at - 1]!.dueMs > label.dueMs) at -= 1;
  labels.splice(at, 0, label);
}
