/**
 * A journal record as a message of the topic `journal`, and the claims by which one writer follows another.
 *
 *     key      user id of the payment, or what else the record is about
 *     value    the record's frame, bit for bit as journal/frame.ts writes it
 *     headers  epoch  number of the writer's claim, decimal
 *              after  a seq up to which every record was durable when this one was written, decimal
 *              mac    32 bytes, HMAC-SHA-256 over epoch and after (f64, little-endian) and value
 *
 * A claim has the header `claim` instead of a key: `sole` or `shared`, a colon and a random id, all in the MAC. Its value is
 * a sentence about its writer.
 */
import { randomUUID } from 'node:crypto';
import { SentinelError } from '../../domain/errors.ts';
import { equalBytes, type Mac } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { frameProblem, frameSeq } from '../../journal/frame.ts';
import { type Unplaced } from '../../journal/record.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { type FetchedMessage } from './client.ts';

export interface OutgoingMessage {
  readonly partition: number;
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers: Record<string, Buffer | string>;
}

/** The topic's name, before any prefix. */
export const JOURNAL_TOPIC = 'journal';

/** A record as it lies in the topic. */
export interface PlacedFrame {
  readonly kind: 'record';
  readonly seq: number;
  readonly epoch: number;
  /** Every record up to here was durable before. */
  readonly after: number;
  readonly partition: number;
  readonly offset: number;
  readonly frame: Uint8Array;
  readonly mac: Uint8Array;
}

/** One writer, which fills places in order, or several, which fill places given elsewhere. */
export type ClaimMode = 'sole' | 'shared';

/** From here on in its partition, what writers of lower epochs wrote does not count. */
export interface Claim {
  readonly kind: 'claim';
  /** Begins with the mode. */
  readonly id: string;
  readonly epoch: number;
  /** Every record up to here was durable before. */
  readonly after: number;
  readonly partition: number;
  readonly offset: number;
}

const NUMBER_BYTES = 8;

function numberBytes(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES * values.length);
  const view = viewOf(bytes);
  values.forEach((value, index) => view.setFloat64(NUMBER_BYTES * index, value, true));
  return bytes;
}

/** What a record is grouped by: the user where it has one. */
export function keyOf(record: Unplaced): string {
  switch (record.type) {
    case 'decision':
      return record.transaction.userId;
    case 'label':
      return record.payment?.entities.user ?? record.label.transactionId;
    case 'cache_hit':
      return record.transactionId;
    case 'tables':
    case 'change':
    case 'dead_letter':
      return record.type;
  }
}

/** What a record's message says besides the record. */
export type Standing = Pick<PlacedFrame, 'epoch' | 'after'>;

export function frameMac(mac: Mac, { epoch, after }: Standing, frame: Uint8Array): Uint8Array {
  return mac(numberBytes(epoch, after), frame);
}

export function recordMessage(
  key: string,
  frame: Uint8Array,
  own: Uint8Array,
  { epoch, after }: Standing,
): Omit<OutgoingMessage, 'partition'> {
  return { key, value: bufferOf(frame), headers: { epoch: String(epoch), after: String(after), mac: bufferOf(own) } };
}

export function claimMessage(
  mac: Mac,
  id: string,
  { epoch, after }: Standing,
  note: string,
): Omit<OutgoingMessage, 'partition'> {
  const value = Buffer.from(note);
  const own = claimMac(mac, id, { epoch, after }, value);
  return {
    key: null,
    value,
    headers: { claim: id, epoch: String(epoch), after: String(after), mac: bufferOf(own) },
  };
}

function claimMac(mac: Mac, id: string, { epoch, after }: Standing, value: Uint8Array): Uint8Array {
  return mac(Buffer.from(id), numberBytes(epoch, after), value);
}

/** The message at `partition`, `offset`. Throws JOURNAL_CORRUPT with the place and what is wrong with it. */
export function openMessage(mac: Mac, topic: string, partition: number, message: FetchedMessage): PlacedFrame | Claim {
  const offset = Number(message.offset);
  const corrupt = (problem: string): SentinelError =>
    new SentinelError('JOURNAL_CORRUPT', {
      place: `topic ${topic}, partition ${partition}, offset ${offset}`,
      problem,
    });
  const { epoch: epochText, after: afterText, mac: given, claim } = message.headers;
  const epoch = Number(String(epochText));
  const after = Number(String(afterText));
  if (!(epoch > 0) || !(after >= 0) || !(given instanceof Uint8Array) || message.value === null) {
    throw corrupt('the message is no journal record');
  }
  const value = message.value;
  const id = claim === undefined ? undefined : String(claim);
  const standing = { epoch, after };
  const expected = id === undefined ? frameMac(mac, standing, value) : claimMac(mac, id, standing, value);
  if (!equalBytes(expected, given)) {
    throw corrupt('its MAC does not match: it was changed, or written with another key');
  }
  if (id !== undefined) return { kind: 'claim', id, epoch, after, partition, offset };
  const view = viewOf(value);
  const problem = frameProblem(value, view, 0, value.length, PRIMITIVES.crc32);
  if (problem !== undefined) throw corrupt(problem);
  return { kind: 'record', seq: frameSeq(view, 0), epoch, after, partition, offset, frame: value, mac: given };
}

export function claimId(mode: ClaimMode): string {
  return `${mode}:${randomUUID()}`;
}

export function isShared({ id }: Claim): boolean {
  return id.startsWith('shared:' satisfies `${ClaimMode}:`);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
