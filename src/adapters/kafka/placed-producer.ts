/** Writes records whose order does not matter: in one request what came during the one before, again until it is durable. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SentinelError } from '../../domain/errors.ts';
import { type KafkaSettings, patienceOf } from './client.ts';
import { type OutgoingMessage } from './envelope.ts';
import { type IdempotentProducer, openIdempotentProducer, REQUEST_BYTES, REQUEST_MESSAGES } from './idempotent-producer.ts'; // prettier-ignore

export interface PlacedProducer {
  /** Resolves when the message is durable; rejects JOURNAL_UNAVAILABLE when that is not known in time. */
  send(message: OutgoingMessage): Promise<void>;
  /** Whether the last request was taken by the brokers, and nothing has waited longer than it may. */
  isSending(): boolean;
  close(): Promise<void>;
}

interface Waiting {
  readonly message: OutgoingMessage;
  readonly sinceMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const ATTEMPTS = 3;
const PAUSE_MS = 100;
/**
 * Between the beginnings of two requests: a request costs the broker and us as much as ten records more in it. A record that
 * comes alone does not wait.
 */
const INTERVAL_MS = 6;
/** How often it is looked whether a message has waited for too long, by the share of that time. */
const LOOKS_PER_PATIENCE = 30;

/** `onSent` hears of each request: messages, bytes, microseconds until it was durable. */
export async function openPlacedProducer(
  settings: KafkaSettings,
  topic: string,
  onSent: (messages: number, bytes: number, us: number) => void = () => undefined,
): Promise<PlacedProducer> {
  const patienceMs = patienceOf(settings);
  const waiting: Waiting[] = [];
  /** The request under way. */
  let inHand: readonly Waiting[] = [];
  let producer: IdempotentProducer = await openIdempotentProducer(settings, topic);
  let working: Promise<void> | undefined;
  let isSending = true;
  let startedMs = -INTERVAL_MS;

  const nextRequest = (): Waiting[] => {
    let bytes = 0;
    let count = 0;
    for (const { message } of waiting) {
      bytes += message.value.length;
      if (count > 0 && (bytes > REQUEST_BYTES || count === REQUEST_MESSAGES)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  };

  /** A producer that failed may have lost its place in the broker's count; a new one begins a new count. */
  const sendAll = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await producer.send(messages);
        return;
      } catch (error) {
        await producer.close().catch(() => undefined); // it is of no use any more
        if (attempt === ATTEMPTS) throw error;
        await sleep(PAUSE_MS);
        producer = await openIdempotentProducer(settings, topic);
      }
    }
  };

  /** A request may be tried for several times as long, and those behind it wait as well: whoever waits is told in time. */
  const look = setInterval(() => {
    const since = performance.now() - patienceMs;
    const isLate = ({ sinceMs }: Waiting): boolean => sinceMs <= since;
    const soon = waiting.findIndex((each) => !isLate(each));
    const late = [...inHand.filter(isLate), ...waiting.splice(0, soon === -1 ? waiting.length : soon)];
    if (late.length === 0) return;
    isSending = false;
    const cause = new Error(`no broker took the record within ${patienceMs} ms`);
    for (const { reject } of late) reject(new SentinelError('JOURNAL_UNAVAILABLE', {}, cause));
  }, patienceMs / LOOKS_PER_PATIENCE);
  look.unref();

  const work = async (): Promise<void> => {
    await new Promise(setImmediate); // takes along what else is appended in this turn
    while (waiting.length > 0) {
      const earlyMs = startedMs + INTERVAL_MS - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      const request = nextRequest();
      if (request.length === 0) break; // all that waited has been told meanwhile
      inHand = request;
      startedMs = performance.now();
      try {
        await sendAll(request.map(({ message }) => message));
        isSending = true;
        for (const { resolve } of request) resolve();
        const bytes = request.reduce((sum, { message }) => sum + message.value.length, 0);
        onSent(request.length, bytes, (performance.now() - startedMs) * 1_000);
      } catch (error) {
        isSending = false;
        const told =
          error instanceof SentinelError ? error : new SentinelError('JOURNAL_UNAVAILABLE', {}, error as Error);
        for (const { reject } of request) reject(told);
        inHand = [];
        producer = await openIdempotentProducer(settings, topic).catch(() => producer);
      }
      inHand = [];
    }
    working = undefined;
  };

  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        waiting.push({ message, sinceMs: performance.now(), resolve, reject });
        working ??= work();
      }),
    isSending: () => isSending,
    async close() {
      await working;
      clearInterval(look);
      await producer.close();
    },
  };
}
