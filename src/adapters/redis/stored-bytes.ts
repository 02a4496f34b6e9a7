/** What the functions keep and return, taken apart; functions.ts says how it is laid out. */
import { viewOf } from '../../journal/bytes.ts';
import { hashWord } from '../../journal/hash-bytes.ts';
import { type MessagePlace } from '../../journal/record.ts';
import { type Placed, type Place, type StoredClaim, type Unfinished } from '../../ports/online-store.ts';

/** Seq and arrival. */
export const HEAD_BYTES = 12;
const CLAIM_HASH = 1 + HEAD_BYTES + 6;
const CLAIM_PARTS = CLAIM_HASH + 16;
/** Partition and offset. */
const MESSAGE_BYTES = 12;

export const PENDING = 0x50;
/** Frames begin with their length, a multiple of 8, so none begins with this. */
const REPEAT = 0x52;

function u48(bytes: Uint8Array, at: number): number {
  const view = viewOf(bytes);
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32;
}

export function placeAt(bytes: Uint8Array, at: number): Place {
  return { seq: u48(bytes, at), arrivalMs: u48(bytes, at + 6) };
}

export const tablesAt = u48;

/** A claim’s value in state P. */
export function storedClaim(value: Uint8Array, settled: Uint8Array | null): StoredClaim {
  const parts = value[CLAIM_PARTS]!;
  const ends = Array.from({ length: parts }, (_, i) => u48(value, CLAIM_PARTS + 1 + i * 6));
  const claim = {
    place: placeAt(value, 1),
    tablesVersion: u48(value, 1 + HEAD_BYTES),
    request: value.subarray(CLAIM_PARTS + 1 + parts * 6),
    ends,
  };
  return settled === null || settled.length === 0 ? claim : { ...claim, settled };
}

/** Of a restored claim in state A: the message it came as. */
export function restoredMessage(value: Uint8Array): MessagePlace | undefined {
  if (value.length < CLAIM_PARTS + MESSAGE_BYTES) return undefined;
  return { partition: u48(value, CLAIM_PARTS), offset: u48(value, CLAIM_PARTS + 6) };
}

export function messageBytes({ partition, offset }: MessagePlace): Buffer {
  const bytes = Buffer.alloc(MESSAGE_BYTES);
  bytes.writeUIntLE(partition, 0, 6);
  bytes.writeUIntLE(offset, 6, 6);
  return bytes;
}

/** The hash as the functions compare it. */
export const hashBytes = (requestHash: string): Uint8Array => {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  for (let i = 0; i < 4; i++) view.setUint32(i * 4, hashWord(requestHash, i), true);
  return bytes;
};

export const placedOf = (bytes: Uint8Array): Placed => ({ ...placeAt(bytes, 0), frame: bytes.subarray(HEAD_BYTES) });

/** A placed record that is not confirmed. */
export function unfinishedRecord(value: Uint8Array): Unfinished {
  if (value[HEAD_BYTES] !== REPEAT) return { kind: 'record', placed: placedOf(value) };
  return {
    kind: 'repeat',
    repeat: placeAt(value, 0),
    decisionSeq: u48(value, HEAD_BYTES + 1),
    transactionId: new TextDecoder().decode(value.subarray(HEAD_BYTES + 7)),
  };
}

/** Head and frame. */
export function placedBytes({ seq, arrivalMs, frame }: Placed): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + frame.length);
  bytes.writeUIntLE(seq, 0, 6);
  bytes.writeUIntLE(arrivalMs, 6, 6);
  bytes.set(frame, HEAD_BYTES);
  return bytes;
}

/** Placed records one behind the other, as `joined` makes them; each frame begins with its length. */
export function separated(bytes: Buffer): Placed[] {
  const placed: Placed[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + HEAD_BYTES + bytes.readUInt32LE(at + HEAD_BYTES);
    placed.push(placedOf(bytes.subarray(at, end)));
    at = end;
  }
  return placed;
}

export const joined = (placed: readonly Placed[]): Buffer => Buffer.concat(placed.map(placedBytes));
