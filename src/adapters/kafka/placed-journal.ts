/** The journal in a Kafka topic for an instance that only writes: each record at a place, and in an epoch, given elsewhere. */
import { type KeyObject } from 'node:crypto';
import { SentinelError } from '../../domain/errors.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { createMac } from '../system/mac.ts';
import { type KafkaSettings } from './client.ts';
import { frameMac, JOURNAL_TOPIC, keyOf, recordMessage } from './envelope.ts';
import { frameOf } from './outbox.ts';
import { partitionOfKey } from './partition-of-key.ts';
import { openPlacedProducer } from './placed-producer.ts';
import { openTopicReader } from './topic-reader.ts';

export interface PlacedKafkaJournalOptions extends KafkaSettings {
  readonly topic?: string;
  /** The key of the MACs, the same for all instances. */
  readonly key: KeyObject;
  /** A seq up to which every record is durable, as far as this instance knows. */
  readonly durableTo?: () => number;
  /** After each durable record, with its frame. */
  readonly onRecord?: (record: JournalRecord, frame: Uint8Array) => void;
  /** After each request: records, bytes, microseconds until the brokers had them. */
  readonly onCommit?: (records: number, bytes: number, syncUs: number) => void;
}

export interface PlacedKafkaJournal {
  /**
   * Durable on return; again: no effect. Rejects JOURNAL_UNAVAILABLE when it is not known to be durable in time. What an
   * epoch appends after the claim of the next one does not count.
   */
  append(record: JournalRecord, epoch: number): Promise<void>;
  /** Whether the last request was taken by the brokers. */
  isWriting(): boolean;
  /** Waits for what is being appended. */
  close(): Promise<void>;
}

/** Throws BROKER_UNAVAILABLE when no broker answers in time or there is no such topic. */
export async function openPlacedKafkaJournal(options: PlacedKafkaJournalOptions): Promise<PlacedKafkaJournal> {
  const { topic = JOURNAL_TOPIC, durableTo = () => 0 } = options;
  const mac = createMac(options.key);
  const reader = await openTopicReader(options, topic);
  const { partitions } = reader;
  await reader.close();
  const producer = await openPlacedProducer(options, topic, options.onCommit);
  let closed = false;
  return {
    async append(record, epoch) {
      if (closed) throw new SentinelError('JOURNAL_UNAVAILABLE');
      const frame = frameOf(record);
      const key = keyOf(record);
      const standing = { epoch, after: durableTo() };
      await producer.send({
        ...recordMessage(key, frame, frameMac(mac, standing, frame), standing),
        partition: partitionOfKey(key, partitions),
      });
      options.onRecord?.(record, frame);
    },
    isWriting: producer.isSending,
    async close() {
      if (closed) return;
      closed = true;
      await producer.close();
    },
  };
}
