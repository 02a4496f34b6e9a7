/** One record of the topic by its place, for whoever does not follow it: the brokers know where a time begins. */
import { type KeyObject } from 'node:crypto';
import { HOUR_MS, SECOND_MS } from '../../domain/time.ts';
import { viewOf } from '../../journal/bytes.ts';
import { frameSeq, takeRecord } from '../../journal/frame.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { createMac } from '../system/mac.ts';
import { type FetchedMessage, type KafkaSettings } from './client.ts';
import { JOURNAL_TOPIC, openMessage } from './envelope.ts';
import { partitionOfKey } from './partition-of-key.ts';
import { openTopicReader, type TopicReader } from './topic-reader.ts';

export interface RecordPlace {
  readonly seq: number;
  readonly arrivalMs: number;
  /** What it is grouped by: see keyOf; where that is not known, all partitions are searched. */
  readonly key?: string;
}

export interface RecordFinder {
  /** Undefined when retention has removed it. Rejects JOURNAL_CORRUPT and BROKER_UNAVAILABLE. */
  find(place: RecordPlace): Promise<JournalRecord | undefined>;
  close(): Promise<void>;
}

/**
 * By how much the clock of the machine that wrote may stand behind that of the store, which gave the arrival: as a rule, and
 * where nobody has set it, for which an hour more is read before a record counts as removed.
 */
const CLOCK_MARGINS_MS = [30 * SECOND_MS, HOUR_MS];
const WAIT_MS = 250;

/** Connects when it is first asked. */
export function createRecordFinder(
  options: KafkaSettings & { readonly topic?: string; readonly key: KeyObject },
): RecordFinder {
  const { topic = JOURNAL_TOPIC } = options;
  const mac = createMac(options.key);
  let opened: Promise<TopicReader> | undefined;
  const open = (): Promise<TopicReader> => {
    opened ??= openTopicReader(options, topic).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  /** Reads the partitions from `starts` to `ends`; none of those where a start is below 0. */
  const search = async (
    reader: TopicReader,
    { seq, arrivalMs, key }: RecordPlace,
    starts: readonly number[],
    ends: readonly number[],
  ): Promise<JournalRecord | undefined> => {
    const only = key === undefined ? undefined : partitionOfKey(key, reader.partitions);
    const isLeft = ([partition, at]: readonly [number, number]): boolean => at >= 0 && at < ends[partition]!;
    const next = new Map([...starts.entries()].filter(([partition]) => only === undefined || partition === only));
    for (let left = [...next].filter(isLeft); left.length > 0; left = [...next].filter(isLeft)) {
      for (const { partition, messages, next: reached } of await reader.fetch(new Map(left), WAIT_MS)) {
        for (const message of messages) {
          if (!isAt(seq, message)) continue; // cheaper than a MAC
          const opening = openMessage(mac, topic, partition, message);
          if (opening.kind !== 'record') continue;
          const record = takeRecord(opening.frame, viewOf(opening.frame), 0, PRIMITIVES);
          if (record.arrivalMs === arrivalMs) return record;
        }
        next.set(partition, reached);
      }
    }
    return undefined;
  };

  return {
    async find(place) {
      const reader = await open();
      let { latest: ends } = await reader.offsets();
      for (const marginMs of CLOCK_MARGINS_MS) {
        const starts = await reader.offsetsAt(place.arrivalMs - marginMs);
        const record = await search(reader, place, starts, ends);
        if (record !== undefined) return record;
        ends = starts.map((at, partition) => (at < 0 ? (ends[partition] ?? 0) : at));
      }
      return undefined;
    },
    close: async () => (await opened)?.close(),
  };
}

/** Whether the message says that it is the record at `seq`. */
function isAt(seq: number, { value, headers }: FetchedMessage): boolean {
  return value !== null && headers['claim'] === undefined && frameSeq(viewOf(value), 0) === seq;
}
