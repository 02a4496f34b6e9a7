/** Topics of a test's own on the broker of the run. */
import { randomUUID, createSecretKey } from 'node:crypto';
import { createKafka, partitioner } from '../../src/adapters/kafka/client.ts';
import { type KafkaJournal, type KafkaJournalOptions, openKafkaJournal } from '../../src/adapters/kafka/journal.ts';
import { openTopicReader } from '../../src/adapters/kafka/topic-reader.ts';
import { prepareTopics, type TopicName } from '../../src/adapters/kafka/topics.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { type HandledMessages, type StreamOutcome } from '../../src/ports/transaction-stream.ts';

/** The same in every process of a test. */
export const JOURNAL_KEY = { key: createSecretKey(Buffer.alloc(32, 7)), seed: 99 };

/** Outcomes that wait for nobody and are told to nobody. */
export function handled(outcomes: readonly StreamOutcome[]): Promise<HandledMessages> {
  return Promise.resolve({ epoch: 1, outcomes, check: () => Promise.resolve(), committed: () => Promise.resolve() });
}

/** Makes topics under a prefix that no other test has; returns the prefix. */
export async function someTopics(broker: string, only: readonly TopicName[], partitions = 3): Promise<string> {
  const prefix = `${randomUUID()}.`;
  await prepareTopics({ brokers: [broker], prefix, labelDelayMs: 7 * DAY_MS, partitions, only });
  return prefix;
}

export function openOn(
  broker: string,
  prefix: string,
  options: Partial<KafkaJournalOptions> = {},
): Promise<KafkaJournal> {
  return openKafkaJournal({ brokers: [broker], topic: `${prefix}journal`, ...JOURNAL_KEY, ...options });
}

export interface FoundMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: Buffer;
  readonly header: (name: string) => string | undefined;
  readonly timestampMs: number;
}

/** All committed messages of a topic, partition after partition. */
export async function messagesOf(broker: string, topic: string): Promise<FoundMessage[]> {
  const reader = await openTopicReader({ brokers: [broker] }, topic);
  try {
    const { earliest, latest } = await reader.offsets();
    const found: FoundMessage[] = [];
    for (const [partition, end] of latest.entries()) {
      for (let at = earliest[partition]!; at < end;) {
        const [answer] = await reader.fetch(new Map([[partition, at]]), 200);
        for (const { offset, key, value, headers, timestamp } of answer!.messages) {
          if (Number(offset) >= end) break;
          found.push({
            partition,
            offset: Number(offset),
            key: key?.toString(),
            value: value!,
            header: (name) => headers[name]?.toString(),
            timestampMs: Number(timestamp),
          });
        }
        at = answer!.next;
      }
    }
    return found;
  } finally {
    await reader.close();
  }
}

/** Sends texts, each under its key, in order. */
export async function send(
  broker: string,
  topic: string,
  messages: readonly { readonly key: string; readonly value: string | Buffer }[],
): Promise<void> {
  const producer = createKafka({ brokers: [broker] }).producer({
    idempotent: true,
    createPartitioner: partitioner,
  });
  await producer.connect();
  for (let at = 0; at < messages.length; at += 200) {
    await producer.send({ topic, messages: messages.slice(at, at + 200) });
  }
  await producer.disconnect();
}

/** What retention does, at once: removes the messages of a partition below an offset; −1 removes all. */
export async function removeBelow(broker: string, topic: string, partition: number, offset: number): Promise<void> {
  const admin = createKafka({ brokers: [broker] }).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic); // the client must know the topic first
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  await admin.disconnect();
}
