/** Sends payments as messages on schedule and reads their decisions, in a process of its own; one order, one outcome. */
import { performance } from 'node:perf_hooks';
import { type KafkaSettings } from '../src/adapters/kafka/client.ts';
import { openPaymentSink } from '../src/adapters/kafka/payment-sink.ts';
import { openTopicReader } from '../src/adapters/kafka/topic-reader.ts';
import { fixedRate } from '../src/load/fixed-rate.ts';
import { type Quantiles, quantilesOf } from '../src/load/open-loop.ts';
import { runMarker } from '../src/load/run-marker.ts';
import { type SinkMessage } from '../src/ports/payment-sink.ts';
import { simulationOf } from '../src/simulation/scale.ts';
import { createSimulation } from '../src/simulation/simulation.ts';
import { requestText } from '../src/wire/request-text.ts';
import { carryOut } from './generator.ts';

export interface StreamOrder {
  readonly cluster: KafkaSettings & { readonly prefix: string };
  /** Payments a second; null keeps `backlog` payments undecided. */
  readonly ratePerSecond: number | null;
  readonly backlog: number;
  readonly seconds: number;
  readonly users: number;
  readonly seed: number;
}

export interface StreamOutcome {
  readonly sent: number;
  readonly decided: number;
  /** Decisions that came more than once. */
  readonly repeated: number;
  /** Decided within the time, a second. */
  readonly perSecond: number;
  /** From the scheduled send time to the decision, readable by whoever reads committed messages only. */
  readonly latencyMs: Quantiles;
  /** From the scheduled send time to the broker's acknowledgement. */
  readonly acknowledgedMs: Quantiles;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Payments prepared at most; then they come again under new ids. */
const PREPARED = 50_000;
const TICK_MS = 2;
const SEND_LIMIT = 500;
const WAIT_MS = 20;
/** Decisions are waited for so long after the last payment. */
const PATIENCE_MS = 30_000;
const SECOND_MS = 1_000;

interface Prepared {
  readonly key: string;
  /** The request behind its id. */
  readonly rest: string;
}

function prepare({ users, seed }: StreamOrder): Prepared[] {
  const payments = createSimulation(simulationOf({ seed, users, transactions: PREPARED }));
  return [...payments].map(({ transaction }) => {
    const text = requestText({ ...transaction, transactionId: '' }, { dated: false });
    return { key: transaction.userId, rest: text.slice('{"transaction_id":""'.length) };
  });
}

async function run(order: StreamOrder): Promise<StreamOutcome> {
  const { cluster, ratePerSecond, seconds } = order;
  const payments = prepare(order);
  const marker = runMarker('bench');
  const sink = await openPaymentSink(cluster);
  const reader = await openTopicReader(cluster, `${cluster.prefix}decisions`);
  const { latest } = await reader.offsets(); // before the first payment is sent: what comes behind is ours
  const next = new Map(latest.map((offset, partition) => [partition, offset]));
  const cpuBefore = process.cpuUsage();
  const begunMs = performance.now();
  const elapsedMs = (): number => performance.now() - begunMs;
  const endMs = seconds * SECOND_MS;
  const schedule = ratePerSecond === null ? undefined : fixedRate(ratePerSecond, endMs);
  const dueMs: number[] = [];
  const latencies: number[] = [];
  const acknowledged: number[] = [];
  const seen = new Set<number>();
  let decidedInTime = 0;
  let repeated = 0;
  let sending = true;

  const dueCount = (): number => {
    const due = schedule === undefined ? seen.size + order.backlog : schedule.dueBy(elapsedMs());
    return Math.min(due, dueMs.length + SEND_LIMIT);
  };

  const send = async (): Promise<void> => {
    while (elapsedMs() < endMs || dueMs.length < (schedule?.count ?? 0)) {
      const from = dueMs.length;
      const until = dueCount();
      if (until <= from) {
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
        continue;
      }
      const messages: SinkMessage[] = [];
      for (let index = from; index < until; index += 1) {
        const { key, rest } = payments[index % payments.length]!;
        dueMs.push(schedule?.dueMs(index) ?? elapsedMs());
        messages.push({ to: 'transactions', key, value: `{"transaction_id":"${marker}${index}"${rest}` });
      }
      await sink.send(messages);
      const nowMs = elapsedMs();
      for (let index = from; index < until; index += 1) acknowledged.push(nowMs - dueMs[index]!);
    }
    sending = false;
  };

  const read = async (): Promise<void> => {
    const opening = Buffer.from(`{"transaction_id":"${marker}`);
    for (let quietMs = elapsedMs(); sending || seen.size < dueMs.length;) {
      const answers = await reader.fetch(next, WAIT_MS);
      const nowMs = elapsedMs();
      for (const { partition, messages, next: after } of answers) {
        next.set(partition, after);
        for (const { value } of messages) {
          if (value === null || value.compare(opening, 0, opening.length, 0, opening.length) !== 0) continue;
          const index = Number(value.toString('latin1', opening.length, value.indexOf('"', opening.length)));
          if (seen.has(index)) repeated += 1;
          else latencies.push(nowMs - dueMs[index]!);
          seen.add(index);
          if (nowMs <= endMs) decidedInTime += 1;
          quietMs = nowMs;
        }
      }
      if (!sending && nowMs - quietMs > PATIENCE_MS) return;
    }
  };

  await Promise.all([send(), read()]);
  const { user, system } = process.cpuUsage(cpuBefore);
  const outcome: StreamOutcome = {
    sent: dueMs.length,
    decided: seen.size,
    repeated,
    perSecond: decidedInTime / seconds,
    latencyMs: quantilesOf(Float64Array.from(latencies)),
    acknowledgedMs: quantilesOf(Float64Array.from(acknowledged)),
    seconds: elapsedMs() / SECOND_MS,
    cpuSeconds: (user + system) / 1e6,
  };
  await Promise.all([sink.close(), reader.close()]);
  return outcome;
}

carryOut(run);
