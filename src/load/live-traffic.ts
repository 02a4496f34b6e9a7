/** Simulated payments sent to a running service as they would happen, their labels following after a delay. */
import { performance } from 'node:perf_hooks';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type Outcome } from '../domain/outcome.ts';
import { requestText } from '../wire/request-text.ts';
import { type HttpConnection, openConnection, postBytes, type Reply } from './http-connection.ts';
import { quantilesOf } from './open-loop.ts';

export interface LiveTrafficOptions {
  readonly host: string;
  readonly port: number;
  /** In order of time, dated from now on; sent at their own times. */
  readonly payments: Iterator<LabelledTransaction>;
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Once a second. */
  readonly onSecond: (summary: TrafficSummary) => void;
}

/** One second of traffic, and the frauds since the start. */
export interface TrafficSummary {
  readonly answered: number;
  readonly failed: number;
  readonly p99Ms: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Of frauds whose label has arrived: what the service, too, can know. */
  readonly labelled: { readonly frauds: number; readonly caught: number };
  /** Of all frauds sent: what only the simulator can know. */
  readonly truth: { readonly frauds: number; readonly caught: number };
}

/** A payment waits at most this long for a free connection before it counts as failed. */
const PATIENCE_MS = 2_000;
const TICK_MS = 5;

interface Waiting {
  readonly dueMs: number;
  readonly request: Buffer;
  readonly onReply: (reply: Reply, latencyMs: number) => void;
}

/** Sends until the signal aborts or the payments end. */
export async function sendLiveTraffic(options: LiveTrafficOptions): Promise<void> {
  const { host, port, payments, signal } = options;
  const all: HttpConnection[] = Array.from({ length: options.connections }, () => openConnection(host, port));
  const free = [...all];
  const queue: Waiting[] = [];
  const labels: { readonly dueMs: number; readonly request: Buffer; readonly caught: boolean }[] = [];
  const labelled = { frauds: 0, caught: 0 };
  const truth = { frauds: 0, caught: 0 };
  let second = emptySecond();
  let next = payments.next();

  const pump = (): void => {
    while (queue.length > 0 && free.length > 0) {
      const { dueMs, request, onReply } = queue.shift()!;
      const connection = free.pop()!;
      connection.send(request, (reply) => {
        free.push(connection);
        onReply(reply, Date.now() - dueMs);
      });
    }
    while (queue.length > 0 && Date.now() - queue[0]!.dueMs > PATIENCE_MS) {
      queue.shift();
      second.failed++;
    }
  };

  const pay = ({ transaction, label }: LabelledTransaction): void => {
    const isFraud = label?.isFraud === true;
    const request = postBytes(host, '/api/v1/predict', requestText(transaction));
    queue.push({
      dueMs: transaction.eventTimeMs,
      request,
      onReply: ({ status, body }, latencyMs) => {
        if (status !== 200) return void second.failed++;
        second.latencies.push(latencyMs);
        const { decision } = JSON.parse(body.toString()) as { decision: Outcome }; // our own service’s answer
        second.outcomes[decision]++;
        if (!isFraud) return;
        const caught = decision !== 'approve';
        truth.frauds++;
        if (caught) truth.caught++;
        const text = JSON.stringify({
          transaction_id: transaction.transactionId,
          is_fraud: true,
          source: 'chargeback',
        });
        labels.push({ dueMs: label!.arrivalMs, request: postBytes(host, '/api/v1/labels', text), caught });
        labels.sort((a, b) => a.dueMs - b.dueMs);
      },
    });
  };

  const tell = (): void => {
    while (labels.length > 0 && labels[0]!.dueMs <= Date.now()) {
      const { dueMs, request, caught } = labels.shift()!;
      const onReply = ({ status }: Reply): void => {
        if (status !== 200) return void second.failed++;
        labelled.frauds++;
        if (caught) labelled.caught++;
      };
      queue.push({ dueMs, request, onReply });
    }
  };

  let secondEndMs = performance.now() + 1_000;
  while (!signal.aborted) {
    while (next.done !== true && next.value.transaction.eventTimeMs <= Date.now()) {
      pay(next.value);
      next = payments.next();
    }
    if (next.done === true && queue.length === 0) break;
    tell();
    pump();
    if (performance.now() >= secondEndMs) {
      options.onSecond(summaryOf(second, labelled, truth));
      second = emptySecond();
      secondEndMs += 1_000;
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  for (const connection of all) connection.close();
}

interface Second {
  failed: number;
  readonly latencies: number[];
  readonly outcomes: Record<Outcome, number>;
}

function emptySecond(): Second {
  return { failed: 0, latencies: [], outcomes: { approve: 0, review: 0, block: 0 } };
}

function summaryOf(
  second: Second,
  labelled: TrafficSummary['labelled'],
  truth: TrafficSummary['truth'],
): TrafficSummary {
  const { latencies, outcomes, failed } = second;
  return {
    answered: latencies.length,
    failed,
    p99Ms: quantilesOf(Float64Array.from(latencies)).p99,
    outcomes,
    labelled: { ...labelled },
    truth: { ...truth },
  };
}

const share = ({ frauds, caught }: { readonly frauds: number; readonly caught: number }): string =>
  frauds === 0 ? 'none yet' : `${caught} of ${frauds} (${Math.round((100 * caught) / frauds)} %)`;

/** The line of one second for people. */
export function summaryLine({ answered, failed, p99Ms, outcomes, labelled, truth }: TrafficSummary): string {
  const troubles = failed > 0 ? ` · ${failed} failed` : '';
  return (
    `${answered}/s · p99 ${p99Ms.toFixed(0)} ms · approve ${outcomes.approve} review ${outcomes.review} block ${outcomes.block}` +
    `${troubles} · fraud caught by labels so far: ${share(labelled)} [simulator's truth: ${share(truth)}]`
  );
}
