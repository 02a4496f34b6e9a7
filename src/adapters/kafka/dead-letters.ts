/** Messages kept aside because they could not be handled, and which of them were sent again. */
import { type FetchedMessage, type KafkaSettings } from './client.ts';
import { openTopicReader, readStretch } from './topic-reader.ts';

export interface DeadLetterOptions extends KafkaSettings {
  /** Stands before the names of the topics. */
  readonly prefix?: string;
}

/** Where a dead letter lies among the dead letters. */
export interface LetterPlace {
  readonly partition: number;
  readonly offset: number;
}

export interface DeadLetter extends LetterPlace {
  readonly reason: string;
  readonly error: string;
  /** Where it was found first. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
  /** When it was sent first, epoch milliseconds. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  /** As it was sent, byte for byte. */
  readonly value: Uint8Array;
  /** Version of what `value` is written in, when it was sent with one. */
  readonly schemaVersion?: string;
  /** It was sent to its topic again. */
  readonly isReplayed: boolean;
  /** No worker put it aside: something else wrote to the topic, and it has no topic to be sent to again. */
  readonly isForeign: boolean;
}

/** Of a message that says of the letter at this offset of its partition that it was sent again. */
export const REPLAYED_HEADER = 'replayed-offset';

export const dlqTopic = ({ prefix = '' }: DeadLetterOptions): string => `${prefix}transactions.dlq`;

/**
 * All that are kept as of the call behind `after`, partition after partition, oldest first; what was sent again is found by
 * reading the topic twice. Throws BROKER_UNAVAILABLE.
 */
export async function* readDeadLetters(
  options: DeadLetterOptions,
  after: LetterPlace = { partition: 0, offset: -1 },
): AsyncGenerator<DeadLetter, void> {
  const reader = await openTopicReader(options, dlqTopic(options));
  try {
    const { earliest, latest } = await reader.offsets();
    for (const [partition, end] of latest.entries()) {
      if (partition < after.partition) continue;
      const from = Math.max(earliest[partition]!, partition === after.partition ? after.offset + 1 : 0);
      const replayed = new Set<number>();
      for await (const { headers } of readStretch(reader, partition, from, end)) {
        if (headers[REPLAYED_HEADER] !== undefined) replayed.add(Number(String(headers[REPLAYED_HEADER])));
      }
      for await (const message of readStretch(reader, partition, from, end)) {
        if (message.headers[REPLAYED_HEADER] !== undefined) continue;
        yield letterOf(dlqTopic(options), partition, message, replayed.has(Number(message.offset)));
      }
    }
  } finally {
    await reader.close();
  }
}

const HEADERS = ['reason', 'error', 'source-topic', 'source-partition', 'source-offset', 'source-timestamp'] as const;
const FOREIGN = { reason: 'FOREIGN', error: 'No stream worker put it here' };

function letterOf(topic: string, partition: number, message: FetchedMessage, isReplayed: boolean): DeadLetter {
  const { key, value, headers, timestamp } = message;
  const offset = Number(message.offset);
  const common = { partition, offset, key, value: value ?? new Uint8Array(), isReplayed };
  if (HEADERS.some((name) => headers[name] === undefined)) {
    return { ...common, ...FOREIGN, source: { topic, partition, offset }, timestampMs: Number(timestamp), isForeign: true }; // prettier-ignore
  }
  const header = (name: (typeof HEADERS)[number]): string => String(headers[name]);
  return {
    ...common,
    reason: header('reason'),
    error: header('error'),
    source: {
      topic: header('source-topic'),
      partition: Number(header('source-partition')),
      offset: Number(header('source-offset')),
    },
    timestampMs: Number(header('source-timestamp')),
    ...(headers['schema-version'] != null && { schemaVersion: String(headers['schema-version']) }),
    isForeign: false,
  };
}
