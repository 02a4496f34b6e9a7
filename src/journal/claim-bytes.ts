/** What a claim keeps so that any instance computes its decision once more, and single records, as bytes of their own. */
import { SentinelError } from '../domain/errors.ts';
import { type Transaction } from '../domain/transaction.ts';
import {
  type ByteWriter,
  createByteReader,
  createByteWriter,
  putF64,
  putText,
  putTextArea,
  putU8,
  takeF64,
  takeText,
  takeU8,
  viewOf,
} from './bytes.ts';
import { type BytePrimitives, putRecord, takeRecord } from './frame.ts';
import { putHash, takeHash } from './hash-bytes.ts';
import { putMessagePlace, takeMessagePlace } from './message-place-bytes.ts';
import { type JournalRecord, type MessagePlace, type PinnedVersions, place, type Unplaced } from './record.ts';
import { putTransaction, takeTransaction } from './transaction-bytes.ts';

export interface ClaimedRequest {
  /** Its event time is infinite when it is to be the arrival. */
  readonly transaction: Transaction;
  readonly requestHash: string;
  readonly amountBaseMinor: number;
  /** What was in force where it was claimed; the tables are pinned by the claim itself. */
  readonly versions: Omit<PinnedVersions, 'tables'>;
  /** The message it came as: its decision is given with the end of that message, and by nobody else. */
  readonly message?: MessagePlace;
}

export interface ClaimCodec {
  /** The bytes are the caller's. */
  encodeClaim(request: ClaimedRequest): Uint8Array;
  decodeClaim(bytes: Uint8Array): ClaimedRequest;
  /** A record as its frame; `seq` 0 for one that has no place yet. */
  encodeRecord(record: Unplaced, seq: number): Uint8Array;
  decodeRecord(frame: Uint8Array): JournalRecord;
  /** The record in a frame without a place, at its place; a label counts from its arrival unless it had come before. */
  decodePlaced(placed: { readonly seq: number; readonly arrivalMs: number; readonly frame: Uint8Array }): JournalRecord;
}

/** Where the text area begins u32 · bytes a character u8 · format u8 · two of nothing · request hash · transaction · … */
const PREFIX_BYTES = 8;
const FORMAT_AT = 5;
/** Of format 0 are claims that say nothing of a message; in format 1 a u8 tells whether one follows. */
const FORMAT = 1;
const FIRST_ROOM_BYTES = 8 * 1024;

export function createClaimCodec(primitives: BytePrimitives): ClaimCodec {
  let writer = createByteWriter(new Uint8Array(FIRST_ROOM_BYTES));

  /** Runs `write` with as much room as it needs; it returns false when there was too little. */
  const written = (write: (writer: ByteWriter) => boolean): Uint8Array => {
    for (;;) {
      writer.at = 0;
      writer.text = '';
      if (write(writer)) return writer.bytes.slice(0, writer.at);
      writer = createByteWriter(new Uint8Array(writer.bytes.length * 2));
    }
  };

  const putClaim = (
    to: ByteWriter,
    { requestHash, transaction, amountBaseMinor, versions, message }: ClaimedRequest,
  ): boolean => {
    try {
      to.at = PREFIX_BYTES;
      putHash(to, requestHash);
      putTransaction(to, transaction);
      putF64(to, amountBaseMinor);
      putText(to, versions.model);
      putText(to, versions.policy);
      putText(to, versions.lists);
      putText(to, versions.catalogue);
      putU8(to, message === undefined ? 0 : 1);
      if (message !== undefined) putMessagePlace(to, message);
      const textAt = to.at;
      const width = putTextArea(to, primitives.putCharacters);
      to.view.setUint32(0, textAt, true);
      to.view.setUint32(4, width, true);
      to.view.setUint8(FORMAT_AT, FORMAT);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  };

  const decodeRecord = (frame: Uint8Array): JournalRecord => takeRecord(frame, viewOf(frame), 0, primitives);

  return {
    encodeClaim: (request) => written((to) => putClaim(to, request)),
    decodeClaim(bytes) {
      const view = viewOf(bytes);
      const width = view.getUint8(4) === 1 ? 1 : 2;
      const format = view.getUint8(FORMAT_AT);
      if (format > FORMAT) throw new SentinelError('NOT_READY', { reason: `the payment was begun by a newer version (claim format ${format})` }); // prettier-ignore
      const text = primitives.takeCharacters(bytes, view.getUint32(0, true), bytes.length, width);
      const reader = createByteReader(bytes, PREFIX_BYTES, text);
      const requestHash = takeHash(reader);
      const transaction = takeTransaction(reader);
      const amountBaseMinor = takeF64(reader);
      const [model, policy, lists, catalogue] = [takeText(reader), takeText(reader), takeText(reader), takeText(reader)]; // prettier-ignore
      const hasMessage = format > 0 && takeU8(reader) === 1;
      return {
        requestHash,
        transaction,
        amountBaseMinor,
        versions: { model, policy, lists, catalogue },
        ...(hasMessage && { message: takeMessagePlace(reader) }),
      };
    },
    encodeRecord: (record, seq) => written((to) => putRecord(to, record, seq, primitives) > 0),
    decodeRecord,
    decodePlaced({ seq, arrivalMs, frame }) {
      const record = place({ ...decodeRecord(frame), arrivalMs }, seq);
      if (record.type !== 'label' || Number.isFinite(record.label.arrivalMs)) return record;
      return { ...record, label: { ...record.label, arrivalMs } };
    },
  };
}
