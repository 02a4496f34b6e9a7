/** What a batch of handled messages sends, as messages of the topics it goes to. */
import { type KeyObject } from 'node:crypto';
import { type KafkaMessage, type Message, type TopicMessages } from 'kafkajs';
import { createByteWriter } from '../../journal/bytes.ts';
import { putRecord } from '../../journal/frame.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { type HandledMessages } from '../../ports/transaction-stream.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { createMac } from '../system/mac.ts';
import { frameMac, keyOf, recordMessage } from './envelope.ts';

export interface OutboxOptions {
  /** Stands before the names of the topics that are written. */
  readonly prefix?: string;
  /** The key of the journal's MACs. */
  readonly key: KeyObject;
}

export type Outbox = (
  topic: string,
  partition: number,
  messages: readonly KafkaMessage[],
  handled: Pick<HandledMessages, 'outcomes' | 'epoch'>,
) => readonly TopicMessages[];

/** The version of the JSON in `transactions`, `labels`, `decisions` and `alerts`; a message without it is of version 1. */
export const SCHEMA_VERSION = 1;
export const SCHEMA_HEADER = 'schema-version';
export const SCHEMA_HEADERS = { [SCHEMA_HEADER]: String(SCHEMA_VERSION) };

/** More than usual records take; doubled when one does not fit. */
const FRAME_ROOM_BYTES = 32 * 1024;
/** Used again for every frame: to clear as much costs more than to write one. */
let room = createByteWriter(new Uint8Array(FRAME_ROOM_BYTES));

export function createOutbox({ prefix = '', key }: OutboxOptions): Outbox {
  const mac = createMac(key);

  const recordOf = (record: JournalRecord, epoch: number): Message => {
    const standing = { epoch, after: 0 }; // a worker does not follow the journal
    const frame = frameOf(record);
    return recordMessage(keyOf(record), frame, frameMac(mac, standing, frame), standing);
  };

  return (topic, partition, messages, { outcomes, epoch }) => {
    const byTopic = new Map<string, Message[]>();
    const send = (name: string, message: Message): void => {
      const all = byTopic.get(prefix + name);
      if (all === undefined) byTopic.set(prefix + name, [message]);
      else all.push(message);
    };
    outcomes.forEach((outcome, index) => {
      if (outcome.kind === 'dead') {
        send('transactions.dlq', deadLetter(topic, partition, messages[index]!, outcome));
        return;
      }
      for (const { topic: name, key: about, value } of outcome.sends)
        send(name, { key: about, value, headers: SCHEMA_HEADERS });
      for (const record of outcome.records) send('journal', recordOf(record, epoch));
    });
    return [...byTopic].map(([name, all]) => ({ topic: name, messages: all }));
  };
}

/** The record's frame in bytes of its own. */
export function frameOf(record: JournalRecord): Uint8Array {
  room.at = 0;
  while (putRecord(room, record, record.seq, PRIMITIVES) === 0) {
    room = createByteWriter(new Uint8Array(2 * room.bytes.length));
  }
  return room.bytes.slice(0, room.at);
}

function deadLetter(
  topic: string,
  partition: number,
  { key, value, offset, timestamp, headers }: KafkaMessage,
  { reason, error }: { readonly reason: string; readonly error: string },
): Message {
  return {
    key,
    value: value ?? Buffer.alloc(0),
    headers: {
      reason,
      error,
      'source-topic': topic,
      'source-partition': String(partition),
      'source-offset': offset,
      'source-timestamp': timestamp,
      ...(headers?.[SCHEMA_HEADER] !== undefined && { [SCHEMA_HEADER]: headers[SCHEMA_HEADER] }),
    },
  };
}
