/**
 * Takes the journal over for a new time of several writers: what was written counts, what is written late does not, and no
 * place stays empty.
 *
 * Whoever took a place and was lost with the store left a gap, behind which others may have been answered for. Their records
 * are written again in the new epoch, the last gap is filled first and the first one last: until then nothing of the new
 * epoch is in order for a reader, so a take-over that is broken off voids nothing and the next one does it again.
 */
import { hostname } from 'node:os';
import { type KeyObject } from 'node:crypto';
import { SentinelError } from '../../domain/errors.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { viewOf } from '../../journal/bytes.ts';
import { frameArrivalMs, takeRecord } from '../../journal/frame.ts';
import { lostPlace } from '../../journal/lost-place.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { createMac } from '../system/mac.ts';
import { beginningOf, refuseEmptied, skipRemoved } from './beginning.ts';
import { type KafkaSettings } from './client.ts';
import { claimId, claimMessage, frameMac, JOURNAL_TOPIC, keyOf, openMessage, type OutgoingMessage, type PlacedFrame, recordMessage } from './envelope.ts'; // prettier-ignore
import { type IdempotentProducer, openIdempotentProducer, REQUEST_MESSAGES } from './idempotent-producer.ts';
import { createMerge } from './merge.ts';
import { frameOf } from './outbox.ts';
import { partitionOfKey } from './partition-of-key.ts';
import { openTopicReader, type TopicReader } from './topic-reader.ts';

export interface TakeOverOptions extends KafkaSettings {
  readonly topic?: string;
  readonly key: KeyObject;
  /** Of the instances from now on. */
  readonly epoch: number;
  /** Told of the highest epoch of the topic when it is not below `epoch`, before NOT_READY is thrown. */
  readonly onPassed: (highest: number) => Promise<unknown>;
  /** How long the end of what others have begun is waited for, milliseconds; default: longer than any may take. */
  readonly standstillMs?: number;
}

const WAIT_MS = 250;
const STANDSTILL_MS = 60 * SECOND_MS;

/**
 * Every record that counts, in order of seq without a gap; when all have been handed out, instances may write in `epoch`
 * from the next seq on. Throws JOURNAL_CORRUPT, BROKER_UNAVAILABLE, NOT_READY when the epoch has been passed, and
 * JOURNAL_WITHHELD when a transaction of others does not end.
 */
export async function* takeOverSharedJournal(options: TakeOverOptions): AsyncGenerator<readonly JournalRecord[], void> {
  const { topic = JOURNAL_TOPIC } = options;
  const reader = await openTopicReader(options, topic);
  try {
    const producer = await openIdempotentProducer(options, topic);
    try {
      yield* takeOverThrough({ reader, producer }, options);
    } finally {
      await producer.close();
    }
  } finally {
    await reader.close();
  }
}

/** The same by a reader and a producer of the topic. */
export async function* takeOverThrough(
  { reader, producer }: { readonly reader: TopicReader; readonly producer: IdempotentProducer },
  options: Omit<TakeOverOptions, keyof KafkaSettings>,
): AsyncGenerator<readonly JournalRecord[], void> {
  const { topic = JOURNAL_TOPIC, epoch, standstillMs = STANDSTILL_MS } = options;
  const mac = createMac(options.key);
  const start = await beginningOf({ topic, reader, mac });
  const merge = createMerge(start);
  const next = new Map(start.offsets.map((offset, partition) => [partition, offset]));
  let lastArrivalMs = 0;

  const taken = (): JournalRecord[] => {
    const records: JournalRecord[] = [];
    for (let found = merge.take(); found !== undefined; found = merge.take()) {
      const view = viewOf(found.frame);
      lastArrivalMs = frameArrivalMs(view, 0);
      records.push(takeRecord(found.frame, view, 0, PRIMITIVES));
    }
    return records;
  };

  async function* readTo(bounds: ReadonlyMap<number, number>): AsyncGenerator<readonly JournalRecord[], void> {
    for (let movedMs = performance.now(); ;) {
      const behind = [...next].filter(([partition, offset]) => offset < (bounds.get(partition) ?? 0));
      const [first] = behind;
      if (first === undefined) return;
      if (performance.now() - movedMs > standstillMs) {
        throw new SentinelError('JOURNAL_WITHHELD', { topic, partition: first[0], offset: first[1] });
      }
      for (const answer of await reader.fetch(new Map(behind), WAIT_MS)) {
        if (answer.next > next.get(answer.partition)!) movedMs = performance.now();
        for (const message of answer.messages) merge.add(openMessage(mac, topic, answer.partition, message));
        merge.reached(answer.partition, answer.next);
        next.set(answer.partition, answer.next);
      }
      yield taken();
    }
  }

  /** Writes messages of any number; resolves to where reading comes by all of them. */
  const write = async (messages: readonly OutgoingMessage[]): Promise<ReadonlyMap<number, number>> => {
    const bounds = new Map<number, number>();
    for (let at = 0; at < messages.length; at += REQUEST_MESSAGES) {
      const request = messages.slice(at, at + REQUEST_MESSAGES);
      for (const [partition, base] of await producer.send(request)) {
        bounds.set(partition, base + request.filter((message) => message.partition === partition).length);
      }
    }
    return bounds;
  };

  const standing = (): { epoch: number; after: number } => ({ epoch, after: merge.nextSeq() - 1 });
  const again = ({ frame, partition }: Pick<PlacedFrame, 'frame' | 'partition'>): OutgoingMessage => {
    const record = takeRecord(frame, viewOf(frame), 0, PRIMITIVES);
    return { ...recordMessage(keyOf(record), frame, frameMac(mac, standing(), frame), standing()), partition };
  };
  const filler = (seq: number, throughSeq: number): OutgoingMessage => {
    const record = lostPlace(seq, lastArrivalMs, throughSeq);
    return again({ frame: frameOf(record), partition: partitionOfKey(keyOf(record), reader.partitions) });
  };

  yield* readTo(new Map((await reader.offsets()).latest.entries()));
  if (merge.highestEpoch() >= epoch) {
    await options.onPassed(merge.highestEpoch());
    throw new SentinelError('NOT_READY', { reason: `the journal has seen epoch ${merge.highestEpoch()}` });
  }
  const claim = claimMessage(mac, claimId('shared'), standing(), `${hostname()}, process ${process.pid}`);
  yield* readTo(await write([...next.keys()].map((partition) => ({ ...claim, partition }))));
  const skipped: JournalRecord[] = [];
  skipRemoved(merge, start, () => skipped.push(...taken()));
  yield skipped;
  if (merge.highestEpoch() > epoch) {
    throw new SentinelError('NOT_READY', { reason: 'another instance has taken the journal over' });
  }
  const waiting = merge.allWaiting();
  const last = waiting.at(-1);
  if (last === undefined) refuseEmptied(topic, start, merge.nextSeq());
  if (last !== undefined) {
    const first = merge.nextSeq();
    const there = new Set(waiting.map(({ seq }) => seq));
    const empty = Array.from({ length: last.seq - first }, (_, i) => first + i).filter((seq) => !there.has(seq));
    const [firstEmpty, ...others] = empty as [number, ...number[]]; // `first` is missing, or it had been taken
    const written = await write([...waiting.map(again), ...others.map((seq) => filler(seq, last.seq))]);
    const closed = await write([filler(firstEmpty, last.seq)]);
    // Not to what is committed by now: a transaction that others began meanwhile may stand before what was written here.
    yield* readTo(new Map([...written, ...closed]));
  }
}
