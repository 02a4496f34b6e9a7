/** Consumes topics in a group of workers: each message is handled, and its outcome and its end written, exactly once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type EachBatchPayload, type KafkaMessage } from 'kafkajs';
import {
  type HandledMessages,
  type StreamHandler,
  type StreamMessage,
  type StreamStatus,
  type TransactionStream,
} from '../../ports/transaction-stream.ts';
import { type Circuit } from './circuit.ts';
import { asUnavailable, createKafka, type KafkaSettings, reaching } from './client.ts';
import { groupLag } from './group-lag.ts';
import { type Delivery, ownPartition, type PartitionOwner } from './partition-owner.ts';
import { createOutbox, type OutboxOptions, SCHEMA_HEADER, SCHEMA_VERSION } from './outbox.ts';
import { createPace } from './pace.ts';
import { handlePersistently } from './persistence.ts';

export interface TransactionStreamOptions extends KafkaSettings, OutboxOptions {
  readonly groupId: string;
  /** Who handles the messages of each topic. */
  readonly handlers: Readonly<Record<string, StreamHandler>>;
  /** Default: exactly once. */
  readonly delivery?: Delivery;
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
/** As many as a topic has as a rule: a commit waits for brokers, and nothing more is fetched until all are through. */
const CONCURRENCY = 12;
const SESSION_MS = 10_000;
const HEARTBEATS_A_SESSION = 5;
/** How long the broker holds a fetch that finds nothing. */
const FETCH_WAIT_MS = 100;
/** Of a partition, and of all: what is fetched is handled before the next fetch, and waits while the group changes. */
const FETCH_BYTES = 512 * 1024;
const ALL_FETCH_BYTES = 2 * 1024 * 1024;
const RETAKE_PAUSE_MS = 50;

export async function openTransactionStream(options: TransactionStreamOptions): Promise<TransactionStream> {
  const { groupId, handlers, batchLimit = BATCH_LIMIT, sessionMs = SESSION_MS, delivery = 'exactly-once' } = options;
  const topics = Object.keys(handlers);
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
    maxBytes: ALL_FETCH_BYTES,
    allowAutoTopicCreation: false,
    retry: { restartOnFailure: () => Promise.resolve(true) },
  });
  const outbox = createOutbox(options);
  const closing = new AbortController();
  const owners = new Map<string, PartitionOwner>();
  /** Places that the group has given to this worker; another set each time. */
  let mine: ReadonlySet<string> = new Set();
  const pace = createPace(batchLimit);
  const settling = new Set<Promise<void>>();
  let state: StreamStatus['state'] = 'starting';
  let problem: string | undefined;
  let partitions: StreamStatus['partitions'] = [];
  const counts = { handled: 0, dead: 0, repeated: 0 };

  const drop = (place: string): void => {
    const owner = owners.get(place);
    owners.delete(place);
    owner?.close().catch(() => undefined); // it is of no use any more
  };

  /** The group has given up this worker: others have its partitions, which are theirs until it has joined again. */
  const leave = (): void => {
    mine = new Set();
    partitions = [];
    for (const place of [...owners.keys()]) drop(place);
  };

  const onCircuit = (circuit: Circuit, error?: unknown): void => {
    if (state === 'closed' || state === 'failed') return;
    state = circuit.isBroken ? 'waiting' : 'running';
    problem = circuit.isBroken ? String((error as Error).message) : undefined;
  };

  /** Waits while the group hears of this worker. */
  const pauseOf = (heartbeat: () => Promise<void>) => async (ms: number) => {
    for (let left = ms; left > 0; left -= heartbeatMs) {
      await sleep(Math.min(left, heartbeatMs), undefined, { signal: closing.signal });
      await heartbeat();
    }
  };

  const settle = (work: Promise<void>): void => {
    const settled = work.finally(() => settling.delete(settled));
    settling.add(settled);
  };

  const count = ({ outcomes }: HandledMessages): void => {
    const dead = outcomes.filter(({ kind }) => kind === 'dead').length;
    counts.dead += dead;
    counts.handled += outcomes.length - dead;
  };

  const handle = async (
    owner: PartitionOwner,
    messages: readonly KafkaMessage[],
    after: number,
    { batch: { topic, partition }, heartbeat }: EachBatchPayload,
  ): Promise<void> => {
    // However long it takes: what is taken again after a crash is computed at many times the usual cost.
    let forgotten: unknown;
    const beating = setInterval(() => {
      heartbeat().catch((error: unknown) => {
        if (isForgotten(error)) forgotten = error; // of others the next one awaited tells
      });
    }, heartbeatMs);
    const begunMs = performance.now();
    try {
      const handled = await handlePersistently(
        handlers[topic]!,
        messages.map((message) => messageOf(partition, message)),
        { pause: pauseOf(heartbeat), onCircuit },
      );
      if (forgotten !== undefined) throw forgotten as Error;
      await owner
        .commit(outbox(topic, partition, messages, handled), after, () => handled.check())
        .catch((error: unknown) => {
          pace.failed(messages.length);
          throw error;
        });
      settle(handled.committed());
      count(handled);
      pace.took(messages.length, performance.now() - begunMs);
    } finally {
      clearInterval(beating);
    }
  };

  /** Below it retention has removed the messages. */
  const lowest = async (topic: string, partition: number): Promise<number> => {
    const ends = await admin.fetchTopicOffsets(topic);
    return Number(ends.find((each) => each.partition === partition)?.low ?? 0);
  };

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, heartbeat, isRunning } = payload;
    const { topic, partition } = batch;
    const place = placeOf(topic, partition);
    const given = mine;
    if (!given.has(place)) return; // fetched before the group gave it to another
    const fetchedFrom = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset); // not in its types
    let owner = owners.get(place);
    try {
      if (owner === undefined) {
        owner = await ownPartition({
          kafka,
          admin,
          consumer,
          groupId,
          topic,
          partition,
          delivery,
          signal: closing.signal,
        });
        owners.set(place, owner);
        // Only now is it known what is finished, and the client may have gone on by what it learned before. From here on it passes
        // nothing but what is resolved here, aborted or removed: to send it back for that would be without end.
        const from = Math.max(owner.next(), fetchedFrom > owner.next() ? await lowest(topic, partition) : 0);
        if (fetchedFrom > from) {
          consumer.seek({ topic, partition, offset: String(from) });
          return;
        }
      }
      const first = owner.next();
      const fresh = batch.messages.filter(({ offset }) => Number(offset) >= first);
      for (let at = 0; at < fresh.length && isRunning();) {
        const part = fresh.slice(at, at + pace.limit());
        at += part.length;
        // What is fetched behind the last message, as the end of the sender's transaction, is finished with it.
        const last = at === fresh.length ? batch.lastOffset() : part.at(-1)!.offset;
        await handle(owner, part, Number(last) + 1, payload);
        resolveOffset(part.at(-1)!.offset);
        await heartbeat();
        if (owners.get(place) !== owner) return; // it went to another worker meanwhile
      }
      if (fresh.length === 0) resolveOffset(batch.lastOffset());
    } catch (error) {
      counts.repeated += 1;
      if (state !== 'closed') options.onNotice?.(`topic ${topic}, partition ${partition}: taken anew after ${String(error)}`); // prettier-ignore
      if (owner !== undefined && owners.get(place) === owner) drop(place);
      if (isForgotten(error) && mine === given) leave(); // else it has joined again meanwhile
      consumer.seek({ topic, partition, offset: String(owner?.next() ?? fetchedFrom) });
      if (concernsGroup(error)) throw error;
      await sleep(RETAKE_PAUSE_MS);
    }
  };

  await reaching(options, () => admin.connect());
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    partitions = topics.flatMap((topic) => (memberAssignment[topic] ?? []).map((partition) => ({ topic, partition })));
    mine = new Set(partitions.map(({ topic, partition }) => placeOf(topic, partition)));
    for (const place of owners.keys()) if (!mine.has(place)) drop(place);
    if (state === 'starting') state = 'running';
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (restart || state === 'closed') return;
    state = 'failed';
    problem = error.message;
    options.onFailure?.(asUnavailable(options, error));
  });
  await reaching(options, async () => {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
  });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: options.concurrency ?? CONCURRENCY,
    eachBatch,
  });

  return {
    status: () => ({ state, partitions, ...counts, ...(problem !== undefined && { problem }) }),
    lag: () => groupLag(admin, groupId, topics),
    async close() {
      if (state === 'closed') return;
      state = 'closed';
      closing.abort();
      await consumer.disconnect();
      await Promise.all(settling);
      for (const place of [...owners.keys()]) drop(place);
      await admin.disconnect();
    },
  };
}

const placeOf = (topic: string, partition: number): string => `${topic} ${partition}`;

function messageOf(partition: number, { offset, key, value, timestamp, headers }: KafkaMessage): StreamMessage {
  return {
    partition,
    offset: Number(offset),
    key: key?.toString(),
    value: value ?? new Uint8Array(),
    timestampMs: Number(timestamp),
    schemaVersion: String(headers?.[SCHEMA_HEADER] ?? SCHEMA_VERSION),
  };
}

/** The group goes on without this worker. */
function isForgotten(error: unknown): boolean {
  return /UNKNOWN_MEMBER|ILLEGAL_GENERATION/.test((error as { type?: string }).type ?? '');
}

/** The client itself joins the group again on these. */
function concernsGroup(error: unknown): boolean {
  return isForgotten(error) || /REBALANCE/.test((error as { type?: string }).type ?? '');
}
