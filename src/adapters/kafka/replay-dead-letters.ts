/** Sends dead letters to the topics they came from again, each at most once. */
import { type Producer, type TopicMessages } from 'kafkajs';
import { ALL_REPLICAS, createKafka, IN_ORDER, reaching, TRANSACTION_RETRY } from './client.ts';
import { type DeadLetter, type DeadLetterOptions, dlqTopic, readDeadLetters, REPLAYED_HEADER } from './dead-letters.ts';

const BATCH = 200;

/**
 * Sends those chosen that were not sent again before; returns how many. They stay among the dead letters, marked in the
 * same transaction. The transactional id is taken first, so of two who do this at once the former is refused.
 */
export async function replayDeadLetters(
  options: DeadLetterOptions,
  choose: (letter: DeadLetter) => boolean,
): Promise<number> {
  const producer = createKafka(options).producer({
    transactionalId: `${dlqTopic(options)}-replay`,
    idempotent: true,
    ...IN_ORDER,
    retry: TRANSACTION_RETRY,
  });
  return reaching(options, async () => {
    await producer.connect();
    try {
      await (await producer.transaction()).abort();
      let sent = 0;
      let batch: DeadLetter[] = [];
      const flush = async (): Promise<void> => {
        if (batch.length > 0) await sendAgain(producer, dlqTopic(options), batch);
        sent += batch.length;
        batch = [];
      };
      for await (const letter of readDeadLetters(options)) {
        if (letter.isForeign || !choose(letter) || letter.isReplayed) continue;
        batch.push(letter);
        if (batch.length === BATCH) await flush();
      }
      await flush();
      return sent;
    } finally {
      await producer.disconnect();
    }
  });
}

async function sendAgain(producer: Producer, dlq: string, letters: readonly DeadLetter[]): Promise<void> {
  const transaction = await producer.transaction();
  const topicMessages = letters.flatMap(({ source, key, value, schemaVersion, partition, offset }): TopicMessages[] => [
    {
      topic: source.topic,
      messages: [
        {
          key: key === null ? null : Buffer.from(key),
          value: Buffer.from(value),
          ...(schemaVersion !== undefined && { headers: { 'schema-version': schemaVersion } }),
        },
      ],
    },
    { topic: dlq, messages: [{ partition, key: null, value: null, headers: { [REPLAYED_HEADER]: String(offset) } }] },
  ]);
  try {
    await transaction.sendBatch({ acks: ALL_REPLICAS, topicMessages });
    await transaction.commit();
  } catch (error) {
    if (transaction.isActive()) await transaction.abort().catch(() => undefined); // the next one who takes the id aborts it
    throw error;
  }
}
