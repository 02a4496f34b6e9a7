/** A data set sent to a running service in the order of its time: payments in batches, labels between them. */
import { type ReplayEvent } from '../datasets/replay-order.ts';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type Outcome } from '../domain/outcome.ts';
import { requestText } from '../wire/request-text.ts';
import { type ServiceClient } from './service-client.ts';

export interface ReplayCounts {
  readonly payments: number;
  readonly refused: number;
  /** Labels that the service has taken. */
  readonly labels: number;
  /** Labels of refused payments, never sent: the service may know another payment by such an id. */
  readonly labelsSkipped: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** By the labels of the file: frauds sent, and those not approved. */
  readonly frauds: number;
  readonly caught: number;
  /** What the service said of the first payment it refused. */
  readonly firstRefusal?: string;
}

export interface ReplayOptions {
  readonly client: Pick<ServiceClient, 'post'>;
  /** Payments a second; undefined sends as fast as they are answered. */
  readonly ratePerSecond?: number;
  readonly nowMs: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onPayments: (sent: number) => void;
  readonly signal: AbortSignal;
  /** The recorded times are sent; without, each payment happens when it is sent. */
  readonly keepTimes: boolean;
}

/** Payments in one request: the service's own bound. */
const BATCH = 100;
/** Payments wait this long for others to share their request with when a rate is kept. */
const TICK_MS = 10;

interface BatchAnswer {
  readonly predictions: readonly ({ readonly decision: Outcome } | { readonly error: { readonly detail?: string } })[];
}

/**
 * Sends `batches` one request after the other, so that the service sees the order of the file. A label stands in that
 * order at the time it was known: its delay shrinks as the time between payments does.
 */
export async function replayToService(
  batches: AsyncIterable<readonly ReplayEvent[]>,
  options: ReplayOptions,
): Promise<ReplayCounts> {
  const { client, ratePerSecond, signal } = options;
  const outcomes: Record<Outcome, number> = { approve: 0, review: 0, block: 0 };
  const counts = { payments: 0, refused: 0, labels: 0, labelsSkipped: 0, frauds: 0, caught: 0 };
  let firstRefusal: string | undefined;
  const refusedIds = new Set<string>();
  let texts: string[] = [];
  let payments: LabelledTransaction[] = [];
  const startMs = options.nowMs();

  const flush = async (): Promise<void> => {
    if (texts.length === 0) return;
    signal.throwIfAborted();
    const [sent, asked] = [texts, payments];
    [texts, payments] = [[], []];
    const body = `{"transactions":[${sent.join(',')}]}`;
    const { predictions } = (await client.post('/api/v1/predict/batch', body, signal)) as BatchAnswer; // the route's schema
    for (const [index, answer] of predictions.entries()) {
      if ('error' in answer) {
        counts.refused++;
        refusedIds.add(asked[index]!.transaction.transactionId);
        firstRefusal ??= answer.error.detail ?? 'no reason given';
        continue;
      }
      outcomes[answer.decision]++;
      if (asked[index]!.label?.isFraud !== true) continue;
      counts.frauds++;
      if (answer.decision !== 'approve') counts.caught++;
    }
    counts.payments += sent.length;
    options.onPayments(counts.payments);
  };

  /** Waits until the next payment is due; what has gathered leaves first when the wait is long. */
  const awaitTurn = async (): Promise<void> => {
    if (ratePerSecond === undefined) return;
    const dueMs = startMs + ((counts.payments + texts.length) * 1_000) / ratePerSecond;
    if (dueMs - options.nowMs() < TICK_MS) return;
    await flush();
    await options.pause(Math.max(0, dueMs - options.nowMs()), signal);
  };

  for await (const batch of batches) {
    for (const event of batch) {
      if (event.type === 'label') {
        await flush();
        const { transactionId, isFraud, source, campaign } = event.label;
        if (refusedIds.has(transactionId)) {
          counts.labelsSkipped++;
          continue;
        }
        const named = campaign === undefined ? {} : { campaign };
        await client.post('/api/v1/labels', { transaction_id: transactionId, is_fraud: isFraud, source, ...named }, signal);
        counts.labels++;
        continue;
      }
      await awaitTurn();
      texts.push(requestText(event.payment.transaction, { dated: options.keepTimes }));
      payments.push(event.payment);
      if (texts.length === BATCH) await flush();
    }
  }
  await flush();
  return { ...counts, outcomes, ...(firstRefusal !== undefined && { firstRefusal }) };
} // prettier-ignore
