/** The append-only log: the only source of truth. */
import { type SentinelError } from '../domain/errors.ts';
import { type DecisionRecord, type JournalRecord, type Unplaced } from '../journal/record.ts';

/** Where the chain stands after the last committed block. */
export interface JournalHead {
  /** `seq` of the last committed record; 0 when empty. */
  readonly seq: number;
  /** Keyed MAC of the last committed block, hex; '' when empty. */
  readonly mac: string;
}

export interface Appended<R extends JournalRecord = JournalRecord> {
  readonly seq: number;
  /** The record given, at its place. */
  readonly record: R;
  /** Resolves when the record is durable; rejects JOURNAL_UNAVAILABLE when it will never be. */
  readonly committed: Promise<void>;
}

/** What is remembered of an answered id. */
export interface KnownId {
  readonly seq: number;
  /** 128-bit request hash, 32 hex digits. */
  readonly requestHash: string;
}

/**
 * `frames` are the records' bytes as journal/frame.ts writes them, one after the other; `records` may have to decode them.
 * Both are valid during the call.
 */
export type CommitListener = (frames: Uint8Array, records: () => readonly JournalRecord[]) => void;

/** A place in the journal that moves on as records are taken; one `take` at a time. */
export interface JournalTail {
  /**
   * Frames of the next committed records, `limit` at most, one after the other; none when all there are were taken. The
   * bytes are the caller's.
   */
  take(limit: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Order: records get consecutive `seq` in the order of `append` calls and are committed in that order.
 * Failure: after any write or sync error every pending and later append rejects; nothing is retried.
 * Readers see committed records only, in order.
 */
export interface Journal {
  /**
   * Takes its place in the order at once, synchronously; nothing is awaited before the record is encoded.
   * The record is the journal's from then on: it is given its `seq` as it stands, and nobody changes it any more.
   */
  append<R extends JournalRecord>(record: Unplaced<R>): Appended<R>;
  /**
   * Why nothing new should be appended for now although nothing failed (DISK_FULL); undefined when records are taken. To be
   * asked before anything is changed that only an append makes true. Absent where there is no such state.
   */
  refusal?(): SentinelError | undefined;
  /** The last committed place. */
  head(): JournalHead;
  /** `seq` the next append will get. */
  nextSeq(): number;
  /**
   * What is known of a transaction id, appended (committed or not) within the exact window: synchronous, no I/O.
   * 'elsewhere' means an older segment may hold it: ask `findDecision`.
   */
  knownId(transactionId: string): KnownId | 'elsewhere' | undefined;
  /** The decision of a transaction id, from memory or disk; undefined when there is none. Waits for its commit. */
  findDecision(transactionId: string): Promise<DecisionRecord | undefined>;
  /** Committed records with seq ≥ `fromSeq` up to the head as of the call, in order, in batches. */
  read(fromSeq: number): AsyncIterable<readonly JournalRecord[]>;
  /** Follows the journal from `fromSeq` on, as bytes: for readers that decode elsewhere or not at all. */
  tail(fromSeq: number): JournalTail;
  /** Calls `listener` with each committed block in order from now on; returns the way to stop. */
  subscribe(listener: CommitListener): () => void;
  /** Commits what is pending and releases the files. */
  close(): Promise<void>;
}
