/** Messages kept aside because they could not be handled: looked at, and sent again. */
import { SentinelError } from '../../domain/errors.ts';
import { createKafka, type FetchedMessage, type KafkaSettings, partitioner, reaching } from './client.ts';
import { openTopicReader } from './topic-reader.ts';

export interface DeadLetterOptions extends KafkaSettings {
  /** Stands before the names of the topics. */
  readonly prefix?: string;
}

export interface DeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  readonly error: string;
  /** Where it was found first. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
  /** When it was sent first, epoch milliseconds. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  /** As it was sent, byte for byte. */
  readonly value: Uint8Array;
}

const WAIT_MS = 250;
const BATCH = 200;
const ALL_REPLICAS = -1;

/** All that are kept as of the call, partition after partition, oldest first. Throws BROKER_UNAVAILABLE. */
export async function* readDeadLetters(options: DeadLetterOptions): AsyncGenerator<DeadLetter, void> {
  const reader = await openTopicReader(options, `${options.prefix ?? ''}transactions.dlq`);
  try {
    const { earliest, latest } = await reader.offsets();
    for (const [partition, end] of latest.entries()) {
      for (let at = earliest[partition]!; at < end;) {
        const [answer] = await reader.fetch(new Map([[partition, at]]), WAIT_MS);
        for (const message of answer?.messages ?? []) {
          if (Number(message.offset) < end) yield letterOf(partition, message);
        }
        at = answer?.next ?? at;
      }
    }
  } finally {
    await reader.close();
  }
}

/**
 * Sends those chosen to the topic they came from again; returns how many. They stay among the dead letters, too, and a
 * payment that was decided meanwhile is known by its id.
 */
export async function replayDeadLetters(
  options: DeadLetterOptions,
  choose: (letter: DeadLetter) => boolean,
): Promise<number> {
  const producer = createKafka(options).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: partitioner,
  });
  let sent = 0;
  const send = (letters: readonly DeadLetter[]): Promise<unknown> =>
    producer.sendBatch({
      acks: ALL_REPLICAS,
      topicMessages: letters.map(({ source, key, value }) => ({
        topic: source.topic,
        messages: [{ key: key === null ? null : Buffer.from(key), value: Buffer.from(value) }],
      })),
    });
  return reaching(options, async () => {
    await producer.connect();
    try {
      let batch: DeadLetter[] = [];
      for await (const letter of readDeadLetters(options)) {
        if (!choose(letter)) continue;
        batch.push(letter);
        sent += 1;
        if (batch.length < BATCH) continue;
        await send(batch);
        batch = [];
      }
      if (batch.length > 0) await send(batch);
      return sent;
    } finally {
      await producer.disconnect();
    }
  });
}

function letterOf(partition: number, { offset, key, value, headers }: FetchedMessage): DeadLetter {
  const header = (name: string): string => {
    const found = headers[name];
    if (found !== undefined) return String(found);
    throw new SentinelError('NOT_FOUND', { what: `header ${name} of the dead letter`, id: `${partition}:${offset}` });
  };
  return {
    partition,
    offset: Number(offset),
    reason: header('reason'),
    error: header('error'),
    source: {
      topic: header('source-topic'),
      partition: Number(header('source-partition')),
      offset: Number(header('source-offset')),
    },
    timestampMs: Number(header('source-timestamp')),
    key,
    value: value ?? new Uint8Array(),
  };
}
