/** Topics of a test's own on the broker of the run. */
import { randomUUID, createSecretKey } from 'node:crypto';
import { type KafkaJournal, type KafkaJournalOptions, openKafkaJournal } from '../../src/adapters/kafka/journal.ts';
import { prepareTopics, type TopicName } from '../../src/adapters/kafka/topics.ts';
import { DAY_MS } from '../../src/domain/time.ts';

/** The same in every process of a test. */
export const JOURNAL_KEY = { key: createSecretKey(Buffer.alloc(32, 7)), seed: 99 };

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
