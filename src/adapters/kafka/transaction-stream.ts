/** Consumes a topic in a group of workers: each message is handled, and its outcome and its end written, exactly once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type EachBatchPayload, type KafkaMessage } from 'kafkajs';
import { SentinelError } from '../../domain/errors.ts';
import {
  type StreamHandler,
  type StreamMessage,
  type StreamOutcome,
  type StreamStatus,
  type TransactionStream,
} from '../../ports/transaction-stream.ts';
import { afterFailure, type Circuit, WHOLE } from './circuit.ts';
import { createKafka, type KafkaSettings, reaching } from './client.ts';
import { ownPartition, type PartitionOwner } from './partition-owner.ts';
import { createOutbox, type OutboxOptions, SCHEMA_HEADER, SCHEMA_VERSION } from './outbox.ts';

export interface TransactionStreamOptions extends KafkaSettings, OutboxOptions {
  /** Topic that is consumed. */
  readonly topic: string;
  readonly groupId: string;
  readonly handler: StreamHandler;
  /** Messages handled and committed together at most. */
  readonly batchLimit?: number;
  /** Partitions worked on at a time. */
  readonly concurrency?: number;
  /** A worker not heard of for so long has died; its partitions go to others. */
  readonly sessionMs?: number;
  /** The stream has ended for a reason that waiting does not mend: the process should end and start again. */
  readonly onFailure?: (error: Error) => void;
}

/** Enough to make the cost of a transaction small beside that of its messages; kafkajs groups in quadratic time. */
const BATCH_LIMIT = 500;
const CONCURRENCY = 4;
const SESSION_MS = 10_000;
const HEARTBEATS_A_SESSION = 5;
/** How long the broker holds a fetch that finds nothing. */
const FETCH_WAIT_MS = 100;
const FETCH_BYTES = 512 * 1024;
/** Attempts with a message alone before it is dead. */
const ATTEMPTS = 3;
const RETAKE_PAUSE_MS = 50;

export async function openTransactionStream(options: TransactionStreamOptions): Promise<TransactionStream> {
  const { topic, groupId, handler, batchLimit = BATCH_LIMIT, sessionMs = SESSION_MS } = options;
  const kafka = createKafka(options);
  const admin = kafka.admin();
  const heartbeatMs = sessionMs / HEARTBEATS_A_SESSION;
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: sessionMs,
    rebalanceTimeout: 3 * sessionMs,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: FETCH_BYTES,
    allowAutoTopicCreation: false,
    retry: { restartOnFailure: () => Promise.resolve(true) },
  });
  const outbox = createOutbox(options);
  const closing = new AbortController();
  const owners = new Map<number, PartitionOwner>();
  let state: StreamStatus['state'] = 'starting';
  let problem: string | undefined;
  let partitions: readonly number[] = [];
  const counts = { handled: 0, dead: 0, repeated: 0 };

  const drop = (partition: number): void => {
    const owner = owners.get(partition);
    owners.delete(partition);
    owner?.close().catch(() => undefined); // it is of no use any more
  };

  const goOn = (circuit: Circuit, error?: unknown): void => {
    if (state === 'closed' || state === 'failed') return;
    state = circuit.isBroken ? 'waiting' : 'running';
    problem = circuit.isBroken ? String((error as Error).message) : undefined;
  };

  /** Waits while the group hears of this worker. */
  const pause = async (ms: number, heartbeat: () => Promise<void>): Promise<void> => {
    for (let left = ms; left > 0; left -= heartbeatMs) {
      await sleep(Math.min(left, heartbeatMs), undefined, { signal: closing.signal });
      await heartbeat();
    }
  };

  const isOutage = (error: unknown): boolean => error instanceof SentinelError && error.kind === 'unavailable';

  /** The outcomes of the messages, however often it takes while something is out of order. */
  const persistently = async (
    messages: readonly StreamMessage[],
    heartbeat: () => Promise<void>,
  ): Promise<readonly StreamOutcome[]> => {
    let circuit = WHOLE;
    for (let failures = 0; ;) {
      try {
        const outcomes = await handler(messages);
        if (outcomes.length !== messages.length) throw new Error('the handler did not answer for every message');
        goOn(WHOLE);
        return outcomes;
      } catch (error) {
        if (isOutage(error)) {
          circuit = afterFailure(circuit);
          goOn(circuit, error);
          await pause(circuit.waitMs, heartbeat);
          continue;
        }
        if (messages.length > 1) {
          const each: StreamOutcome[] = [];
          for (const message of messages) each.push(...(await persistently([message], heartbeat)));
          return each;
        }
        failures += 1;
        if (failures === ATTEMPTS) return [{ kind: 'dead', reason: 'handler', error: String(error) }];
      }
    }
  };

  const handle = async (
    owner: PartitionOwner,
    batch: readonly KafkaMessage[],
    { batch: { partition }, heartbeat }: EachBatchPayload,
  ): Promise<void> => {
    const outcomes = await persistently(
      batch.map((message) => messageOf(partition, message)),
      heartbeat,
    );
    const after = Number(batch.at(-1)!.offset) + 1;
    await owner.commit(outbox(topic, partition, batch, outcomes), after);
    const dead = outcomes.filter(({ kind }) => kind === 'dead').length;
    counts.dead += dead;
    counts.handled += outcomes.length - dead;
  };

  /** Below it retention has removed the messages. */
  const lowest = async (partition: number): Promise<number> => {
    const ends = await admin.fetchTopicOffsets(topic);
    return Number(ends.find((each) => each.partition === partition)?.low ?? 0);
  };

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, heartbeat, isRunning } = payload;
    const { partition } = batch;
    const fetchedFrom = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset); // not in its types
    let owner = owners.get(partition);
    try {
      if (owner === undefined) {
        owner = await ownPartition({ kafka, admin, groupId, topic, partition });
        owners.set(partition, owner);
      }
      if (fetchedFrom > owner.next()) {
        const from = Math.max(owner.next(), await lowest(partition));
        if (fetchedFrom > from) {
          consumer.seek({ topic, partition, offset: String(from) });
          return;
        }
      }
      const first = owner.next();
      const fresh = batch.messages.filter(({ offset }) => Number(offset) >= first);
      for (let at = 0; at < fresh.length && isRunning(); at += batchLimit) {
        const part = fresh.slice(at, at + batchLimit);
        await handle(owner, part, payload);
        resolveOffset(part.at(-1)!.offset);
        await heartbeat();
        if (owners.get(partition) !== owner) return; // it went to another worker meanwhile
      }
      if (fresh.length === 0) resolveOffset(batch.lastOffset());
    } catch (error) {
      counts.repeated += 1;
      if (state !== 'closed')
        options.onNotice?.(`topic ${topic}, partition ${partition}: taken anew after ${String(error)}`);
      if (owner !== undefined && owners.get(partition) === owner) drop(partition);
      consumer.seek({ topic, partition, offset: String(owner?.next() ?? fetchedFrom) });
      if (concernsGroup(error)) throw error;
      await sleep(RETAKE_PAUSE_MS);
    }
  };

  await reaching(options, () => admin.connect());
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    partitions = payload.memberAssignment[topic] ?? [];
    for (const partition of owners.keys()) if (!partitions.includes(partition)) drop(partition);
    if (state === 'starting') state = 'running';
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (restart || state === 'closed') return;
    state = 'failed';
    problem = error.message;
    options.onFailure?.(error);
  });
  await reaching(options, async () => {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
  });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: options.concurrency ?? CONCURRENCY,
    eachBatch,
  });

  return {
    status: () => ({ state, partitions, ...counts, ...(problem !== undefined && { problem }) }),
    async lag() {
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return ends.reduce((sum, { partition, high, low }) => {
        const finished = Number(group?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
        return sum + Number(high) - Math.max(Number(low), finished);
      }, 0);
    },
    async close() {
      if (state === 'closed') return;
      state = 'closed';
      closing.abort();
      await consumer.disconnect();
      for (const partition of [...owners.keys()]) drop(partition);
      await admin.disconnect();
    },
  };
}

function messageOf(partition: number, { offset, key, value, timestamp, headers }: KafkaMessage): StreamMessage {
  return {
    partition,
    offset: Number(offset),
    key: key?.toString(),
    value: value ?? new Uint8Array(),
    timestampMs: Number(timestamp),
    schemaVersion: Number(headers?.[SCHEMA_HEADER] ?? SCHEMA_VERSION),
  };
}

/** The client itself joins the group again on these. */
function concernsGroup(error: unknown): boolean {
  return /REBALANCE|UNKNOWN_MEMBER|ILLEGAL_GENERATION/.test((error as { type?: string }).type ?? '');
}
