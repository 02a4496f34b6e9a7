/** Sends dead letters to the topics they came from again, each at most once. */
import { type Producer, type TopicMessages } from 'kafkajs';
import { ALL_REPLICAS, createKafka, IN_ORDER, reaching, TRANSACTION_RETRY } from './client.ts';
import { type DeadLetter, type DeadLetterOptions, dlqTopic, readDeadLetters, REPLAYED_HEADER } from './dead-letters.ts';
import { REQUEST_BYTES } from './idempotent-producer.ts';

const BATCH = 200;
/** Of a message beside key and value. */
const HEAD_BYTES = 100;

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
      for await (const batch of inBatches(chosenOf(options, choose))) {
        await sendAgain(producer, dlqTopic(options), batch);
        sent += batch.length;
      }
      return sent;
    } finally {
      await producer.disconnect();
    }
  });
}

async function* chosenOf(
  options: DeadLetterOptions,
  choose: (letter: DeadLetter) => boolean,
): AsyncGenerator<DeadLetter, void> {
  for await (const letter of readDeadLetters(options)) {
    if (!letter.isForeign && choose(letter) && !letter.isReplayed) yield letter;
  }
}

/** So many as a topic takes together; one that is larger goes alone. */
export async function* inBatches(letters: AsyncIterable<DeadLetter>): AsyncGenerator<readonly DeadLetter[], void> {
  let batch: DeadLetter[] = [];
  let bytes = 0;
  for await (const letter of letters) {
    const own = letter.value.length + (letter.key?.length ?? 0) + HEAD_BYTES;
    if (batch.length > 0 && (batch.length === BATCH || bytes + own > REQUEST_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(letter);
    bytes += own;
  }
  if (batch.length > 0) yield batch;
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
