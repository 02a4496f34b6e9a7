/** A place in the topic that moves on through its records in the order of their seqs. */
import { SentinelError } from '../../domain/errors.ts';
import { type Mac } from '../../journal/block.ts';
import { openMessage, type PlacedFrame } from './envelope.ts';
import { createMerge, type MergeStart } from './merge.ts';
import { type TopicReader } from './topic-reader.ts';

/** What is read of the topic and with which key. */
export interface JournalTopic {
  readonly topic: string;
  readonly reader: TopicReader;
  readonly mac: Mac;
}

export interface Cursor {
  /**
   * Records that follow, none above `lastSeq`, which must be committed; none only when it has been passed.
   * Rejects JOURNAL_CORRUPT when a record is missing or damaged.
   */
  take(lastSeq: number): Promise<readonly PlacedFrame[]>;
  nextSeq(): number;
}

/** Records of one partition read ahead of a missing one, beyond which the others are asked alone. */
const AHEAD_LIMIT = 4_096;
const WAIT_MS = 250;
/** A committed record that no partition brings for so long is lost: a transaction that is still open would have timed out. */
const MISSING_AFTER_MS = 60_000;

export function createCursor({ topic, reader, mac }: JournalTopic, start: MergeStart): Cursor {
  const merge = createMerge(start);
  const next = new Map(start.offsets.map((offset, partition) => [partition, offset]));
  let progressMs = performance.now();

  const drain = (lastSeq: number): PlacedFrame[] => {
    const records: PlacedFrame[] = [];
    while (merge.nextSeq() <= lastSeq) {
      const record = merge.take();
      if (record === undefined) break;
      records.push(record);
    }
    return records;
  };

  return {
    nextSeq: () => merge.nextSeq(),
    async take(lastSeq) {
      for (;;) {
        const records = drain(lastSeq);
        if (records.length > 0 || merge.nextSeq() > lastSeq) {
          progressMs = performance.now();
          return records;
        }
        const behind = [...next].filter(([partition]) => merge.waiting(partition) < AHEAD_LIMIT);
        const answers = await reader.fetch(behind.length > 0 ? new Map(behind) : next, WAIT_MS);
        for (const { partition, messages, next: reached } of answers) {
          if (reached > next.get(partition)!) progressMs = performance.now();
          for (const message of messages) merge.add(openMessage(mac, topic, partition, message));
          merge.reached(partition, reached);
          next.set(partition, reached);
        }
        if (performance.now() - progressMs > MISSING_AFTER_MS) {
          throw new SentinelError('JOURNAL_CORRUPT', {
            place: `topic ${topic}, seq ${merge.nextSeq()}`,
            problem: 'the record is missing',
          });
        }
      }
    },
  };
}
