/**
 * A producer that writes each message once and in order, one request at a time, and tells where messages went.
 *
 * What kafkajs 2.2.4 needs to be right: one `send` at a time (a failed batch takes its sequence numbers back, and another
 * one would use them), few messages in each (it groups them in quadratic time), and a new producer before the sequence
 * numbers pass 2^31 (it starts again from 0 one too late, which the broker refuses).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Producer } from 'kafkajs';
import { SentinelError } from '../../domain/errors.ts';
import { ALL_REPLICAS, createKafka, IN_ORDER, type KafkaSettings, patienceOf } from './client.ts';
import { type OutgoingMessage } from './envelope.ts';

export interface IdempotentProducer {
  /**
   * Writes the messages of each partition in order; resolves to the offset of the first of each partition once all
   * replicas in sync have them. Rejects JOURNAL_UNAVAILABLE when that is not so in time; it may be so later.
   */
  send(messages: readonly OutgoingMessage[]): Promise<ReadonlyMap<number, number>>;
  close(): Promise<void>;
}

/** Of one request, which the client groups in quadratic time. */
export const REQUEST_MESSAGES = 300;
/** All of a request may go to one partition, which takes 1 MiB at once. */
export const REQUEST_BYTES = 900 * 1024;
const RENEW_AFTER = 2 ** 30;
const PAUSE_MS = 200;

export async function openIdempotentProducer(settings: KafkaSettings, topic: string): Promise<IdempotentProducer> {
  const patienceMs = patienceOf(settings);
  const kafka = createKafka(settings);
  const connect = async (): Promise<Producer> => {
    const producer = kafka.producer({
      idempotent: true,
      ...IN_ORDER,
    });
    // kafkajs gives up at once when the connection breaks while it asks for a producer's number.
    for (const begun = performance.now(); ;) {
      try {
        await producer.connect();
        return producer;
      } catch (error) {
        if (performance.now() - begun > patienceMs) throw new SentinelError('JOURNAL_UNAVAILABLE', {}, error as Error);
        await sleep(PAUSE_MS);
      }
    }
  };

  let producer = await connect();
  let sent = 0;

  return {
    async send(messages) {
      if (sent + messages.length > RENEW_AFTER) {
        const old = producer;
        producer = await connect();
        sent = 0;
        await old.disconnect();
      }
      sent += messages.length;
      const answers = await inTime(
        producer.send({ topic, acks: ALL_REPLICAS, messages: messages as OutgoingMessage[] }),
        patienceMs,
      );
      return new Map(answers.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
    },
    close: () => producer.disconnect(),
  };
}

/** kafkajs itself repeats for as long as it takes. */
async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const cause = new Error(`no broker took the records within ${limitMs} ms`);
      reject(new SentinelError('JOURNAL_UNAVAILABLE', {}, cause));
    }, limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined); // whoever waited was told
  }
}
