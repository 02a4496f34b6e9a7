/**
 * The right to decide over one partition of a topic: outcomes and the place reached are written in one transaction.
 *
 * kafkajs 2.2.4 commits offsets without the group's generation, so a worker that lost a partition could still commit. Hence
 * each partition has a transactional id of its own. Whoever takes the partition takes the id first, which ends what the
 * former owner had begun and refuses all it does later, and only then asks how far the partition was finished.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, type Consumer, type Kafka, type Producer, type TopicMessages } from 'kafkajs';
import { ALL_REPLICAS, IN_ORDER, TRANSACTION_RETRY } from './client.ts';

/** Exactly once: in transactions. At least once: outcomes are sent, then the place is; a crash between repeats them. */
export type Delivery = 'exactly-once' | 'at-least-once';

export interface PartitionOwner {
  /** Offset of the first message that is not finished; the start of the partition when none ever was. */
  next(): number;
  /**
   * Writes the messages and that everything below `next` is finished, both or neither; `check` is called when the messages
   * are written and not visible yet, and what it rejects with undoes them. After an error: close, take anew.
   */
  commit(messages: readonly TopicMessages[], next: number, check: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface PartitionOwnerOptions {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly consumer: Consumer;
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly delivery: Delivery;
  /** Nothing is asked again once it aborts. */
  readonly signal: AbortSignal;
}

/**
 * A transaction left open by a dead owner is aborted by the broker after this; the next owner does it at once. Whoever restores
 * profiles waits for its end.
 */
export const TRANSACTION_LIMIT_MS = 10_000;
const OFFSET_ATTEMPTS = 40;
const OFFSET_PAUSE_MS = 250;

export async function ownPartition(options: PartitionOwnerOptions): Promise<PartitionOwner> {
  const { kafka, groupId, topic, partition, delivery } = options;
  const isExact = delivery === 'exactly-once';
  const producer = kafka.producer({
    ...(isExact && {
      transactionalId: `${groupId}-${topic}-${partition}`,
      transactionTimeout: TRANSACTION_LIMIT_MS,
      idempotent: true,
    }),
    ...IN_ORDER,
    retry: TRANSACTION_RETRY,
  });
  await producer.connect();
  try {
    // Takes the id: an empty transaction, of which the broker hears nothing.
    if (isExact) await (await producer.transaction()).abort();
    let next = await finishedBelow(options);
    const write = isExact ? writeInTransaction : writeOneByOne;
    return {
      next: () => next,
      async commit(messages, after, check) {
        await write(options, producer, messages, after, check);
        next = after;
      },
      close: () => producer.disconnect(),
    };
  } catch (error) {
    await producer.disconnect();
    throw error;
  }
}

type Write = (
  options: PartitionOwnerOptions,
  producer: Producer,
  messages: readonly TopicMessages[],
  next: number,
  check: () => Promise<void>,
) => Promise<void>;

const writeInTransaction: Write = async ({ groupId, topic, partition }, producer, messages, next, check) => {
  const transaction = await producer.transaction();
  try {
    if (messages.length > 0) await transaction.sendBatch({ acks: ALL_REPLICAS, topicMessages: [...messages] });
    await check();
    await transaction.sendOffsets({
      consumerGroupId: groupId,
      topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
    });
    await transaction.commit();
  } catch (error) {
    if (transaction.isActive()) await transaction.abort().catch(() => undefined); // the next owner aborts it, too
    throw error;
  }
};

const writeOneByOne: Write = async ({ consumer, topic, partition }, producer, messages, next, check) => {
  if (messages.length > 0) await producer.sendBatch({ acks: ALL_REPLICAS, topicMessages: [...messages] });
  await check();
  await consumer.commitOffsets([{ topic, partition, offset: String(next) }]);
};

/** kafkajs gives up at once while the group's coordinator moves or loads. */
async function finishedBelow({ admin, groupId, topic, partition, signal }: PartitionOwnerOptions): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const offset = found?.partitions.find((each) => each.partition === partition)?.offset ?? '-1';
      return Math.max(0, Number(offset));
    } catch (error) {
      if (attempt === OFFSET_ATTEMPTS) throw error;
      await sleep(OFFSET_PAUSE_MS, undefined, { signal });
    }
  }
}
