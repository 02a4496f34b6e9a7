/** How far a group of consumers is behind the ends of topics, and which messages it has finished. */
import { type Admin } from 'kafkajs';
import { type MessagePlace } from '../../journal/record.ts';
import { type PartitionLag } from '../../ports/transaction-stream.ts';
import { createKafka, type KafkaSettings, reaching } from './client.ts';

/** Offsets below which the group has finished everything, by partition; absent where it has finished nothing. */
async function finishedOffsets(admin: Admin, groupId: string, topic: string): Promise<ReadonlyMap<number, number>> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const known = (found?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)] as const);
  return new Map(known.filter(([, offset]) => offset >= 0));
}

export async function groupLag(admin: Admin, groupId: string, topics: readonly string[]): Promise<PartitionLag[]> {
  const all = await Promise.all(
    topics.map(async (topic) => {
      const [ends, finished] = await Promise.all([
        admin.fetchTopicOffsets(topic),
        finishedOffsets(admin, groupId, topic),
      ]);
      return ends.map(({ partition, high, low }) => ({
        topic,
        partition,
        messages: Number(high) - Math.max(Number(low), finished.get(partition) ?? 0),
      }));
    }),
  );
  return all.flat().sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
}

export interface FinishedMessagesOptions extends KafkaSettings {
  readonly topic: string;
  readonly groupId: string;
}

/** Asks which messages of the topic the group has finished as of now. Throws BROKER_UNAVAILABLE. */
export async function readFinishedMessages(
  options: FinishedMessagesOptions,
): Promise<(message: MessagePlace) => boolean> {
  const admin = createKafka(options).admin();
  const finished = await reaching(options, async () => {
    await admin.connect();
    try {
      return await finishedOffsets(admin, options.groupId, options.topic);
    } finally {
      await admin.disconnect();
    }
  });
  return ({ partition, offset }) => offset < (finished.get(partition) ?? 0);
}
