/** One record of the topic by its place, for whoever does not follow it: the brokers know where a time begins. */
import { type KeyObject } from 'node:crypto';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/time.ts';
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
 * Where a record is looked for, before and after the arrival that the store gave it: as a rule it is written within
 * milliseconds; clocks of machines differ by seconds, or by an hour where nobody set them; and whoever finishes what another
 * left may write it at any time after.
 */
const WINDOWS_MS = [
  [-100, 400],
  [-3 * SECOND_MS, 3 * SECOND_MS],
  [-MINUTE_MS, MINUTE_MS],
  [-HOUR_MS, Infinity],
] as const;
const WAIT_MS = 250;
/** Fetched for each record of a stretch: less than a decision with its reasons takes, so that little is read in vain. */
const RECORD_BYTES = 1_024;

/** Offsets by partition; no message from `end` on. */
interface Stretch {
  readonly start: readonly number[];
  readonly end: readonly number[];
}

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
  const search = async (
    reader: TopicReader,
    { seq, arrivalMs, key }: RecordPlace,
    { start, end }: Stretch,
  ): Promise<JournalRecord | undefined> => {
    const only = key === undefined ? undefined : partitionOfKey(key, reader.partitions);
    const isLeft = ([partition, at]: readonly [number, number]): boolean => at < end[partition]!;
    const next = new Map([...start.entries()].filter(([partition]) => only === undefined || partition === only));
    for (let left = [...next].filter(isLeft); left.length > 0; left = [...next].filter(isLeft)) {
      const longest = Math.max(...left.map(([partition, at]) => end[partition]! - at));
      const fetched = await reader.fetch(new Map(left), WAIT_MS, { partitionBytes: longest * RECORD_BYTES });
      for (const { partition, messages, next: reached } of fetched) {
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
      const { latest } = await reader.offsets();
      const offsetsAt = async (timeMs: number): Promise<readonly number[]> => {
        if (timeMs === Infinity) return latest;
        return (await reader.offsetsAt(timeMs)).map((at, partition) => (at < 0 ? latest[partition]! : Math.min(at, latest[partition]!))); // prettier-ignore
      };
      let seen: Stretch | undefined;
      for (const [before, after] of WINDOWS_MS) {
        const window = {
          start: await offsetsAt(place.arrivalMs + before),
          end: await offsetsAt(place.arrivalMs + after),
        };
        const fresh = seen === undefined ? [window] : [{ start: window.start, end: seen.start }, { start: seen.end, end: window.end }]; // prettier-ignore
        for (const stretch of fresh) {
          const record = await search(reader, place, stretch);
          if (record !== undefined) return record;
        }
        seen = window;
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
