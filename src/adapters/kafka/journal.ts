/** The journal in a Kafka topic, written by one instance at a time. */
import { hostname } from 'node:os';
import { type KeyObject } from 'node:crypto';
import { SentinelError } from '../../domain/errors.ts';
import { DAY_MS } from '../../domain/time.ts';
import { frameLength, takeRecord } from '../../journal/frame.ts';
import { viewOf } from '../../journal/bytes.ts';
import { type DecisionRecord, type JournalRecord, type Unplaced } from '../../journal/record.ts';
import { type Appended, type Journal, type JournalHead } from '../../ports/journal.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { createCommitListeners } from '../system/commit-listeners.ts';
import { type Block, createCommitQueue } from '../system/commit-queue.ts';
import { createMac } from '../system/mac.ts';
import { refusedAppend } from '../system/refused-append.ts';
import { type KafkaSettings } from './client.ts';
import { createCursor, type JournalTopic } from './cursor.ts';
import { frameMac, JOURNAL_TOPIC, keyOf, type OutgoingMessage, type PlacedFrame, recordMessage } from './envelope.ts';
import { hex, type Opened, openTopic } from './open-topic.ts';
import { partitionOfKey } from './partition-of-key.ts';
import { createRecentFrames } from './recent-frames.ts';
import { createTail } from './tail.ts';
import { openTopicReader } from './topic-reader.ts';

const EXACT_WINDOW_MS = 7 * DAY_MS;
/** Ids remembered exactly at most, some 64 B each; older ones cost 13–27 B. */
const EXACT_LIMIT = 8_000_000;
/** Ids that leave exact memory after each commit, per id that came: two let memory shrink again after a burst. */
const RETIRED_PER_ID = 2;
/** A block this long is closed: all of it may go to one partition, whose batch Kafka bounds at 1 MiB unless told otherwise. */
const FULL_BLOCK_BYTES = 900 * 1024;
/** kafkajs groups the messages of a request in quadratic time: so many cost nothing yet. */
const FULL_BLOCK_RECORDS = 512;
/** The largest record: the topic's own limit less what the message adds. */
const RECORD_LIMIT_BYTES = 8 * 1024 * 1024 - 1024;
/** Records handed out at a time by `read`. */
const BATCH = 256;

export interface KafkaJournalOptions extends KafkaSettings {
  readonly topic?: string;
  /** The key of the MACs, the same for whoever writes or reads the topic. */
  readonly key: KeyObject;
  /** Makes fingerprints of ids differ from one installation to the next. */
  readonly seed: number;
  readonly exactWindowMs?: number;
  readonly exactLimit?: number;
  /** A head that was told to the world: the journal must hold it. */
  readonly published?: JournalHead;
  /** After each commit: records, bytes, microseconds until the brokers had them. */
  readonly onCommit?: (records: number, bytes: number, syncUs: number) => void;
  /** The journal failed and takes nothing more: the process should end and start again. */
  readonly onPoison?: (error: Error) => void;
}

export interface KafkaJournal extends Journal {
  /** `seq` of the first record that retention has left. */
  readonly firstSeq: number;
  /** MAC of the record `seq`, hex; '' for 0; undefined when it is not there. */
  macAt(seq: number): Promise<string | undefined>;
  /** Bytes held to remember ids. */
  memoryBytes(): number;
}

/**
 * Takes the journal over from whatever instance had it, whose later appends fail, and reads it to its end. Throws
 * JOURNAL_CORRUPT with topic, partition, offset or seq and the problem when it is damaged, BROKER_UNAVAILABLE when no
 * broker answers or the topic is not there.
 */
export async function openKafkaJournal(options: KafkaJournalOptions): Promise<KafkaJournal> {
  const { topic = JOURNAL_TOPIC, published } = options;
  const reader = await openTopicReader(options, topic);
  try {
    const journalTopic = { topic, reader, mac: createMac(options.key) };
    const opened = await openTopic({
      ...journalTopic,
      settings: options,
      note: `${hostname()}, process ${process.pid}`,
      seed: options.seed,
      exactWindowMs: options.exactWindowMs ?? EXACT_WINDOW_MS,
      exactLimit: options.exactLimit ?? EXACT_LIMIT,
      onNotice: options.onNotice ?? (() => undefined),
    });
    const journal = startJournal(options, journalTopic, opened);
    if (published !== undefined && published.seq > 0 && published.seq >= journal.firstSeq) {
      const found = await journal.macAt(published.seq);
      if (found !== published.mac) {
        await journal.close();
        const problem = `the head ${published.seq} told before is ${found === undefined ? 'not there' : 'another record'}`;
        throw new SentinelError('JOURNAL_CORRUPT', { place: `topic ${topic}`, problem });
      }
    }
    return journal;
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function decode({ frame }: PlacedFrame): JournalRecord {
  return takeRecord(frame, viewOf(frame), 0, PRIMITIVES);
}

function startJournal(options: KafkaJournalOptions, journalTopic: JournalTopic, opened: Opened): KafkaJournal {
  const { reader, mac } = journalTopic;
  const { writer, stretches, ids, firstSeq } = opened;
  const { epoch } = writer;
  const claims = writer.offsets.map(() => ({ epoch, after: 0 })); // all that is read from here on was written here
  const recent = createRecentFrames();
  const listeners = createCommitListeners();
  let head = opened.head;
  /** Of the block in flight: where the partitions stood before it, when it left, and the MAC of its last record. */
  let offsetsBefore: readonly number[] = [];
  let startedUs = 0;
  let lastMac: Uint8Array = new Uint8Array();
  let closed = false;

  const messagesOf = ({ writer: { bytes, view }, records }: Block): OutgoingMessage[] => {
    const standing = { epoch, after: head.seq };
    let at = 0;
    return records.map((record) => {
      const frame = bytes.subarray(at, (at += frameLength(view, at)));
      const key = keyOf(record);
      lastMac = frameMac(mac, standing, frame);
      return {
        ...recordMessage(key, frame, lastMac, standing),
        partition: partitionOfKey(key, reader.partitions),
      };
    });
  };

  const framesOf = ({ writer: { bytes, at } }: Block): Uint8Array => bytes.subarray(0, at);

  const commit = createCommitQueue({
    nextSeq: opened.head.seq + 1,
    limitBytes: RECORD_LIMIT_BYTES,
    fullBytes: FULL_BLOCK_BYTES,
    fullRecords: FULL_BLOCK_RECORDS,
    write(block, done) {
      startedUs = performance.now() * 1_000;
      offsetsBefore = [...writer.offsets];
      writer.write(messagesOf(block)).then(() => done(null), done);
    },
    onDurable(block) {
      const { firstSeq: first, records } = block;
      for (let seq = first; seq < first + records.length; seq += 1) {
        if (stretches.wants(seq)) stretches.add({ seq, epoch, offsets: offsetsBefore, claims });
      }
      recent.add(first, records.length, framesOf(block));
      head = { seq: first + records.length - 1, mac: hex(lastMac) };
      options.onCommit?.(records.length, block.writer.at, performance.now() * 1_000 - startedUs);
    },
    onCommitted(block) {
      ids.retire(RETIRED_PER_ID * block.records.length);
      listeners.tell(framesOf(block), () => block.records);
    },
    onFailure: (error) => options.onPoison?.(error),
  });

  /** The committed record `seq`, which retention has left. */
  const findFrame = async (seq: number): Promise<PlacedFrame> => {
    const cursor = createCursor(journalTopic, stretches.startFor(seq));
    for (;;) {
      const found = (await cursor.take(seq)).find((record) => record.seq === seq);
      if (found !== undefined) return found;
    }
  };

  const decisionAt = async (seq: number): Promise<DecisionRecord> => {
    const frame = recent.from(seq, 1)?.bytes ?? (await findFrame(seq)).frame;
    return takeRecord(frame, viewOf(frame), 0, PRIMITIVES) as DecisionRecord; // only decisions are remembered by id
  };

  const findOlder = async (transactionId: string): Promise<DecisionRecord | undefined> => {
    for (const stretch of ids.olderStretches(transactionId)) {
      const range = stretches.range(stretch);
      for await (const records of read(range.firstSeq, Math.min(range.lastSeq, head.seq))) {
        for (const record of records) {
          if (record.type === 'decision' && record.transaction.transactionId === transactionId) return record;
        }
      }
    }
    return undefined;
  };

  const findDecision = async (transactionId: string): Promise<DecisionRecord | undefined> => {
    const known = ids.find(transactionId);
    if (known === undefined) return undefined;
    if (known === 'elsewhere') return findOlder(transactionId);
    await commit.pending(known.seq);
    return decisionAt(known.seq);
  };

  const read = async function* (fromSeq: number, lastSeq: number): AsyncGenerator<readonly JournalRecord[], void> {
    const from = Math.max(fromSeq, firstSeq);
    if (from > lastSeq) return;
    const cursor = createCursor(journalTopic, stretches.startFor(from));
    while (cursor.nextSeq() <= lastSeq) {
      const records = (await cursor.take(lastSeq)).filter(({ seq }) => seq >= from);
      for (let at = 0; at < records.length; at += BATCH) yield records.slice(at, at + BATCH).map(decode);
    }
  };

  return {
    firstSeq,
    append<R extends JournalRecord>(record: Unplaced<R>): Appended<R> {
      const failure = commit.failure();
      if (closed || failure !== undefined) return refusedAppend(record, commit.nextSeq(), failure);
      const { seq, committed } = commit.append(record);
      if (record.type === 'decision') {
        ids.add(record.transaction.transactionId, record.requestHash, seq, record.arrivalMs);
      }
      return { seq, record: record as unknown as R, committed }; // it was given its place in place
    },
    head: () => head,
    nextSeq: () => commit.nextSeq(),
    knownId(transactionId) {
      const found = ids.find(transactionId);
      return found === undefined || found === 'elsewhere' ? found : { seq: found.seq, requestHash: found.requestHash };
    },
    findDecision,
    read: (fromSeq) => read(fromSeq, head.seq),
    tail: (fromSeq) =>
      createTail(Math.max(fromSeq, firstSeq), {
        headSeq: () => head.seq,
        recent,
        cursorAt: (seq) => createCursor(journalTopic, stretches.startFor(seq)),
      }),
    subscribe: listeners.subscribe,
    async close() {
      if (closed) return;
      closed = true;
      await commit.drain().catch(() => undefined); // those who appended were told
      await writer.close();
      await reader.close();
    },
    async macAt(seq) {
      if (seq === 0) return '';
      return seq < firstSeq || seq > head.seq ? undefined : hex((await findFrame(seq)).mac);
    },
    memoryBytes: () => ids.bytes(),
  };
}
