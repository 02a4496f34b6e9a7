/** Reads the records of the journal's topic in their order without taking it over, while others may write it. */
import { type KeyObject } from 'node:crypto';
import { SentinelError } from '../../domain/errors.ts';
import { createMac } from '../system/mac.ts';
import { type Beginning, beginningOf, skipRemoved } from './beginning.ts';
import { type KafkaSettings } from './client.ts';
import { type JournalTopic } from './cursor.ts';
import { type Claim, openMessage, type PlacedFrame } from './envelope.ts';
import { createMerge, type Merge, type MergeStart } from './merge.ts';
import { openTopicReader } from './topic-reader.ts';

export interface TopicScanOptions extends KafkaSettings {
  readonly topic: string;
  readonly key: KeyObject;
  /** Takes what is wrong with a message, which is then passed over; without it the scan ends with JOURNAL_CORRUPT. */
  readonly onDamage?: (partition: number, offset: number, problem: string) => void;
}

/** What a scan that came to its end has found. */
export interface TopicScanned {
  /** Where reading began. */
  readonly beginning: MergeStart;
  readonly partitions: number;
  readonly messages: number;
  /** `seq` of the first record kept; 0 when there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** MAC of the last record, hex. */
  readonly mac: string;
  /** Records behind a place nobody has filled: payments in doubt, or what a writer left that never was acknowledged. */
  readonly waiting: number;
  /** The first seq that is missing although all up to it were durable. */
  readonly missing?: number;
}

/** Records of one partition read ahead of a missing one, beyond which the others are asked alone. */
const AHEAD_LIMIT = 4_096;
const WAIT_MS = 250;

/** All committed records as of the call; throws JOURNAL_CORRUPT and BROKER_UNAVAILABLE. */
export async function* scanTopic(options: TopicScanOptions): AsyncGenerator<readonly PlacedFrame[], TopicScanned> {
  const { topic } = options;
  const reader = await openTopicReader(options, topic);
  try {
    const journal = { topic, reader, mac: createMac(options.key) };
    const begin = await beginningOf(journal);
    const from = begin.doubtfulTo === 0 ? begin : { ...begin, seq: await firstWhole(options, journal, begin) };
    const merge = createMerge(from);
    let firstSeq = 0;
    let last: PlacedFrame | undefined;
    let messages = 0;
    for await (const read of readAll(options, journal, from, merge)) {
      messages += read;
      const records = drained(merge);
      firstSeq ||= records[0]?.seq ?? 0;
      last = records.at(-1) ?? last;
      if (records.length > 0) yield records;
    }
    const missing = merge.nextSeq() <= merge.durableTo() ? merge.nextSeq() : undefined;
    if (missing !== undefined && options.onDamage === undefined) {
      const problem = 'the record is missing, although later ones say that it was durable';
      throw new SentinelError('JOURNAL_CORRUPT', { place: `topic ${topic}, seq ${missing}`, problem });
    }
    const waiting = Array.from({ length: reader.partitions }, (_, partition) => merge.waiting(partition));
    const { seq, epoch, offsets, claims } = from;
    return {
      beginning: { seq, epoch, offsets, claims },
      partitions: reader.partitions,
      messages,
      firstSeq,
      lastSeq: last?.seq ?? 0,
      mac: last === undefined ? '' : Buffer.from(last.mac).toString('hex'),
      waiting: waiting.reduce((sum, count) => sum + count, 0),
      ...(missing !== undefined && { missing }),
    };
  } finally {
    await reader.close();
  }
}

/** The first seq behind what went with the records that retention removed. */
async function firstWhole(options: TopicScanOptions, journal: JournalTopic, begin: Beginning): Promise<number> {
  const merge = createMerge(begin);
  let first = begin.seq;
  for await (const _ of readAll(options, journal, begin, merge)) drained(merge);
  skipRemoved(merge, begin, () => {
    first = merge.nextSeq();
    drained(merge);
  });
  return first;
}

function drained(merge: Merge): readonly PlacedFrame[] {
  const records: PlacedFrame[] = [];
  for (let record = merge.take(); record !== undefined; record = merge.take()) records.push(record);
  return records;
}

/** Gives `merge` all messages as of the call; yields how many, time and again. */
async function* readAll(
  { onDamage }: TopicScanOptions,
  { topic, reader, mac }: JournalTopic,
  start: MergeStart,
  merge: Merge,
): AsyncGenerator<number> {
  const open = (partition: number, message: Parameters<typeof openMessage>[3]): PlacedFrame | Claim | undefined => {
    try {
      return openMessage(mac, topic, partition, message);
    } catch (error) {
      if (onDamage === undefined || !(error instanceof SentinelError)) throw error;
      onDamage(partition, Number(message.offset), String(error.details['problem']));
      return undefined;
    }
  };
  const next = new Map(start.offsets.map((offset, partition) => [partition, offset]));
  let bounds = (await reader.offsets()).latest;
  for (let missing = 0; ;) {
    const behind = [...next].filter(([partition, offset]) => offset < bounds[partition]!);
    if (behind.length === 0) {
      // The ends of partitions are not of one moment: what a message speaks of may have come while they were asked.
      if (merge.nextSeq() > merge.durableTo() || merge.nextSeq() === missing) return;
      missing = merge.nextSeq();
      bounds = (await reader.offsets()).latest;
      continue;
    }
    const asked = behind.filter(([partition]) => merge.waiting(partition) < AHEAD_LIMIT);
    let read = 0;
    for (const answer of await reader.fetch(new Map(asked.length > 0 ? asked : behind), WAIT_MS)) {
      const { partition } = answer;
      for (const message of answer.messages) {
        if (Number(message.offset) >= bounds[partition]!) break;
        const opened = open(partition, message);
        if (opened !== undefined) merge.add(opened);
        read += 1;
      }
      const reached = Math.min(answer.next, bounds[partition]!);
      merge.reached(partition, reached);
      next.set(partition, reached);
    }
    yield read;
  }
}
