/** All committed messages of a topic, read once from beginning to end. */
import { openTopicReader } from '../../../src/adapters/kafka/topic-reader.ts';

export interface ReadMessage {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string;
  readonly value: Buffer;
  readonly header: (name: string) => string | undefined;
}

const WAIT_MS = 200;

export async function readTopic(broker: string, topic: string): Promise<readonly ReadMessage[]> {
  const reader = await openTopicReader({ brokers: [broker] }, topic);
  try {
    const { earliest, latest } = await reader.offsets();
    const found: ReadMessage[] = [];
    for (const [partition, end] of latest.entries()) {
      for (let at = earliest[partition]!; at < end;) {
        const [answer] = await reader.fetch(new Map([[partition, at]]), WAIT_MS);
        for (const { offset, timestamp, key, value, headers } of answer!.messages) {
          if (Number(offset) >= end) break;
          found.push({
            partition,
            offset: Number(offset),
            timestampMs: Number(timestamp),
            key: key?.toString() ?? '',
            value: value ?? Buffer.alloc(0),
            header: (name) => headers[name]?.toString(),
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
