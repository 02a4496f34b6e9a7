/** Follows the journal in a Kafka topic that any number of instances write, each record at a place given elsewhere. */
import { type KeyObject } from 'node:crypto';
import { SentinelError } from '../../domain/errors.ts';
import { viewOf } from '../../journal/bytes.ts';
import { takeRecord } from '../../journal/frame.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type JournalGap, type SharedJournal } from '../../ports/shared-journal.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { createCommitListeners } from '../system/commit-listeners.ts';
import { createMac } from '../system/mac.ts';
import { type Beginning, beginningOf, skipRemoved } from './beginning.ts';
import { type KafkaSettings } from './client.ts';
import { createCursor } from './cursor.ts';
import { JOURNAL_TOPIC, openMessage, type PlacedFrame } from './envelope.ts';
import { createMerge, type MergeStart } from './merge.ts';
import { hex } from './open-topic.ts';
import { createRecentFrames } from './recent-frames.ts';
import { createStretches } from './stretches.ts';
import { createTail, joined } from './tail.ts';
import { openTopicReader, type TopicReader } from './topic-reader.ts';

/** How long a broker holds a fetch until there are so many bytes: answers of one record cost it and us many times as much. */
const WAIT_MS = 50;
const GATHERED_BYTES = 128 * 1024;
/** Records handed out at a time by `read`. */
const BATCH = 256;

/** A place to read on from; plain JSON, to be kept with a snapshot. */
export type JournalPlace = MergeStart;

/** A place as it was kept; once of each claim the epoch alone. */
export function readPlace(text: string): JournalPlace {
  const place = JSON.parse(text) as Omit<JournalPlace, 'claims'> & {
    claims: (JournalPlace['claims'][number] | number)[];
  };
  return {
    ...place,
    claims: place.claims.map((claim) => (typeof claim === 'number' ? { epoch: claim, after: 0 } : claim)),
  };
}

export interface SharedKafkaJournalOptions extends KafkaSettings {
  readonly topic?: string;
  /** The key of the MACs, the same for all instances. */
  readonly key: KeyObject;
  /** Where to begin reading; default the first record of the topic. */
  readonly from?: JournalPlace;
  readonly nowMs: () => number;
  /** Reading has ended: the journal is damaged, another took it over, or no broker answers. */
  readonly onFailure?: (error: Error) => void;
}

export interface SharedKafkaJournal extends SharedJournal {
  /** A place that comes by `seq`. */
  placeFor(seq: number): JournalPlace;
}

/** Reads what is there before it resolves. Throws JOURNAL_CORRUPT and BROKER_UNAVAILABLE. */
export async function openSharedKafkaJournal(options: SharedKafkaJournalOptions): Promise<SharedKafkaJournal> {
  return sharedJournalThrough(await openTopicReader(options, options.topic ?? JOURNAL_TOPIC), options);
}

/** The same by a reader of the topic, which is closed with the journal, and when it cannot be read. */
export async function sharedJournalThrough(
  reader: TopicReader,
  options: Omit<SharedKafkaJournalOptions, keyof KafkaSettings>,
): Promise<SharedKafkaJournal> {
  try {
    return await followThrough(reader, options);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function followThrough(
  reader: TopicReader,
  options: Omit<SharedKafkaJournalOptions, keyof KafkaSettings>,
): Promise<SharedKafkaJournal> {
  const { topic = JOURNAL_TOPIC, nowMs } = options;
  const mac = createMac(options.key);
  const { latest } = await reader.offsets();
  const start: Beginning =
    options.from === undefined ? await beginningOf({ topic, reader, mac }) : { ...options.from, doubtfulTo: 0 };
  const merge = createMerge(start);
  let firstSeq = start.seq;
  let stretches = createStretches(start);
  const recent = createRecentFrames();
  const listeners = createCommitListeners();
  const waiters = new Set<{
    readonly seq: number;
    readonly resolve: () => void;
    readonly reject: (e: Error) => void;
  }>();
  const next = new Map(start.offsets.map((offset, partition) => [partition, offset]));
  let head: JournalHead = { seq: start.seq - 1, mac: '' };
  let gap: JournalGap | undefined;
  let failure: Error | undefined;
  let closed = false;

  const unavailable = (): SentinelError => new SentinelError('JOURNAL_UNAVAILABLE', {}, failure);

  const drain = (): void => {
    const records: PlacedFrame[] = [];
    for (;;) {
      if (stretches.wants(merge.nextSeq())) stretches.add(merge.start());
      const record = merge.take();
      if (record === undefined) break;
      records.push(record);
    }
    const last = records.at(-1);
    if (last !== undefined) {
      head = { seq: last.seq, mac: hex(last.mac) };
      publish(records);
    }
    noteGap();
    for (const waiter of waiters) {
      if (waiter.seq > head.seq) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  };

  const noteGap = (): void => {
    const seq = merge.nextSeq();
    if (merge.lowestWaiting() === undefined) gap = undefined;
    else if (gap?.seq !== seq) gap = { seq, sinceMs: nowMs() };
  };

  const publish = (records: readonly PlacedFrame[]): void => {
    const frames = joined(records.map(({ frame }) => frame));
    recent.add(records[0]!.seq, records.length, frames);
    listeners.tell(frames, () => records.map(({ frame }) => takeRecord(frame, viewOf(frame), 0, PRIMITIVES)));
  };

  const readOn = async (leastBytes: number): Promise<void> => {
    for (const answer of await reader.fetch(next, WAIT_MS, { leastBytes })) {
      for (const message of answer.messages) merge.add(openMessage(mac, topic, answer.partition, message));
      merge.reached(answer.partition, answer.next);
      next.set(answer.partition, answer.next);
    }
    if (merge.isTakenByOne()) {
      throw new SentinelError('JOURNAL_UNAVAILABLE', {}, new Error(`one instance alone has taken over ${topic}`));
    }
    drain();
  };

  const skip = (): void =>
    skipRemoved(merge, start, () => {
      firstSeq = merge.nextSeq();
      head = { seq: firstSeq - 1, mac: '' };
      stretches = createStretches(merge.start());
      drain();
    });

  const follow = async (): Promise<void> => {
    try {
      while (!closed) await readOn(GATHERED_BYTES);
    } catch (error) {
      if (closed) return;
      failure = error as Error;
      for (const { reject } of waiters) reject(unavailable());
      waiters.clear();
      options.onFailure?.(failure);
    }
  };

  while ([...next].some(([partition, offset]) => offset < latest[partition]!)) await readOn(1);
  skip();
  const following = follow();
  const cursorAt = (seq: number): ReturnType<typeof createCursor> =>
    createCursor({ topic, reader, mac }, stretches.startFor(seq));

  return {
    head: () => head,
    gap: () => gap,
    reached(seq) {
      if (seq <= head.seq) return Promise.resolve();
      if (closed || failure !== undefined) return Promise.reject(unavailable());
      return new Promise((resolve, reject) => waiters.add({ seq, resolve, reject }));
    },
    async *read(fromSeq) {
      const lastSeq = head.seq;
      const from = Math.max(fromSeq, firstSeq);
      if (from > lastSeq) return;
      const cursor = cursorAt(from);
      while (cursor.nextSeq() <= lastSeq) {
        const records = (await cursor.take(lastSeq)).filter(({ seq }) => seq >= from);
        for (let at = 0; at < records.length; at += BATCH) {
          yield records.slice(at, at + BATCH).map(({ frame }) => takeRecord(frame, viewOf(frame), 0, PRIMITIVES));
        }
      }
    },
    tail: (fromSeq) => createTail(Math.max(fromSeq, firstSeq), { headSeq: () => head.seq, recent, cursorAt }),
    subscribe: listeners.subscribe,
    async close() {
      if (closed) return;
      closed = true;
      for (const { reject } of waiters) reject(unavailable());
      waiters.clear();
      await following;
      await reader.close();
    },
    placeFor: (seq) => stretches.startFor(seq),
  };
}
