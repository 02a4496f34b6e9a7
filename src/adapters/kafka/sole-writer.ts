/**
 * One writer at a time, without a lock: each claims all partitions with a higher epoch, and writes so that it notices
 * whoever claims them after it.
 *
 * A broker tells the offset of what it appended. As long as the writer's messages lie one right after the other in each
 * partition nobody else has written, so no later claim stands before them and readers count them. Where they do not, what
 * lies between is read: messages of an earlier writer, or own ones written twice after a lost answer, do no harm; a later
 * claim ends this writer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SentinelError } from '../../domain/errors.ts';
import { type KafkaSettings } from './client.ts';
import { type JournalTopic } from './cursor.ts';
import { claimId, claimMessage, type ClaimMode, openMessage, type OutgoingMessage } from './envelope.ts';
import { openIdempotentProducer } from './idempotent-producer.ts';
import { type Merge } from './merge.ts';

export interface SoleWriter {
  readonly epoch: number;
  /**
   * Where each partition will be written next. The array changes as that happens.
   */
  readonly offsets: readonly number[];
  /** Appends the messages, all or, on a failure, any of them; resolves when they count. */
  write(messages: readonly OutgoingMessage[]): Promise<void>;
  close(): Promise<void>;
}

export interface SoleWriterOptions extends JournalTopic {
  readonly settings: KafkaSettings;
  readonly mode: ClaimMode;
  /** Who claims, for people who look into the topic. */
  readonly note: string;
  /** Where everything that was read goes, in the order of each partition. */
  readonly merge: Merge;
  /** Called when records may be taken from `merge`. */
  readonly onRead: () => void;
}

const WAIT_MS = 250;
/** Two that start at once see each other's claims and try again after different times. */
const LONGEST_TRUCE_MS = 500;

/** Reads the topic from where `merge` begins to its end and claims it; all that counts has then been read. */
export async function openSoleWriter(options: SoleWriterOptions): Promise<SoleWriter> {
  const { settings, topic, reader, mac, mode, note, merge } = options;
  const next = new Map(merge.start().offsets.map((offset, partition) => [partition, offset]));
  const partitions = [...next.keys()];

  /** Reads until every partition has reached its bound. */
  const readTo = async (bounds: readonly number[]): Promise<{ readonly id: string; readonly epoch: number }[]> => {
    const claims: { id: string; epoch: number }[] = [];
    for (;;) {
      const behind = [...next].filter(([partition, offset]) => offset < bounds[partition]!);
      if (behind.length === 0) return claims;
      for (const answer of await reader.fetch(new Map(behind), WAIT_MS)) {
        for (const message of answer.messages) {
          if (Number(message.offset) >= bounds[answer.partition]!) break;
          const opened = openMessage(mac, topic, answer.partition, message);
          if (opened.kind === 'claim') claims.push(opened);
          merge.add(opened);
        }
        const reached = Math.min(answer.next, bounds[answer.partition]!);
        merge.reached(answer.partition, reached);
        next.set(answer.partition, reached);
      }
      options.onRead();
    }
  };

  const producer = await openIdempotentProducer(settings, topic);
  try {
    await readTo((await reader.offsets()).latest);
    for (;;) {
      const id = claimId(mode);
      const epoch = merge.highestEpoch() + 1;
      const claim = claimMessage(mac, id, { epoch, after: merge.nextSeq() - 1 }, note);
      const bases = await producer.send(partitions.map((partition) => ({ ...claim, partition })));
      const offsets = partitions.map((partition) => bases.get(partition)! + 1);
      const others = (await readTo(offsets)).filter((other) => other.id !== id);
      if (others.every((other) => other.epoch < epoch)) return start(options, epoch, offsets, producer);
      await sleep(Math.random() * LONGEST_TRUCE_MS);
      await readTo((await reader.offsets()).latest);
    }
  } catch (error) {
    await producer.close();
    throw error;
  }
}

function start(
  { topic, reader, mac }: SoleWriterOptions,
  epoch: number,
  offsets: number[],
  producer: Awaited<ReturnType<typeof openIdempotentProducer>>,
): SoleWriter {
  /** Throws when a later writer has claimed the partition within [from, to); earlier ones' records count for nothing. */
  const checkClaims = async (partition: number, from: number, to: number): Promise<void> => {
    for (let at = from; at < to;) {
      const [answer] = await reader.fetch(new Map([[partition, at]]), WAIT_MS);
      for (const message of answer?.messages ?? []) {
        if (Number(message.offset) >= to) break;
        const found = openMessage(mac, topic, partition, message);
        if (found.epoch <= epoch) continue;
        const cause = new Error(`another instance has taken over the topic ${topic} (epoch ${found.epoch})`);
        throw new SentinelError('JOURNAL_UNAVAILABLE', {}, cause);
      }
      at = Math.max(at, answer?.next ?? at);
    }
  };

  return {
    epoch,
    offsets,
    async write(messages) {
      const counts = new Map<number, number>();
      for (const { partition } of messages) counts.set(partition, (counts.get(partition) ?? 0) + 1);
      const bases = await producer.send(messages);
      for (const [partition, count] of counts) {
        const base = bases.get(partition)!;
        if (base !== offsets[partition]!) await checkClaims(partition, offsets[partition]!, base);
        offsets[partition] = base + count;
      }
    },
    close: () => producer.close(),
  };
}
