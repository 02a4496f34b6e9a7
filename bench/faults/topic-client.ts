/** A client that writes messages to topics, again and again until the broker has them; what it writes twice counts as sent twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka, partitioner } from '../../src/adapters/kafka/client.ts';
import { SCHEMA_HEADERS } from '../../src/adapters/kafka/outbox.ts';

export interface TopicMessage {
  readonly topic: 'transactions' | 'labels';
  readonly key: string;
  readonly value: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TopicClient {
  send(message: TopicMessage): void;
  /** Messages the broker has not acknowledged yet. */
  waiting(): number;
  close(): Promise<void>;
}

const TOGETHER_MS = 10;
const BATCH = 200;
const PAUSE_MS = 200;
const ALL_REPLICAS = -1;

export function openTopicClient(broker: string): TopicClient {
  const kafka = createKafka({ brokers: [broker] });
  const connected = async () => {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: partitioner,
    });
    await producer.connect();
    return producer;
  };
  const queue: TopicMessage[] = [];
  let closed = false;

  const run = async (): Promise<void> => {
    let producer: Awaited<ReturnType<typeof connected>> | undefined;
    while (!closed || queue.length > 0) {
      const batch = queue.slice(0, BATCH);
      if (batch.length === 0) {
        await sleep(TOGETHER_MS);
        continue;
      }
      try {
        producer ??= await connected();
        const all = batch.map(({ topic, key, value, headers = SCHEMA_HEADERS }) => ({
          topic,
          messages: [{ key, value, headers: { ...headers } }],
        }));
        await producer.sendBatch({ acks: ALL_REPLICAS, topicMessages: all });
        queue.splice(0, batch.length);
      } catch {
        await producer?.disconnect().catch(() => undefined); // a new one repeats all of it
        producer = undefined;
        await sleep(PAUSE_MS);
      }
    }
    await producer?.disconnect();
  };
  const running = run();

  return {
    send: (message) => void queue.push(message),
    waiting: () => queue.length,
    close() {
      closed = true;
      return running;
    },
  };
}
