/** The journal when several instances write it: every record comes with its place, given elsewhere. */
import { type JournalRecord } from '../journal/record.ts';
import { type CommitListener, type JournalHead, type JournalTail } from './journal.ts';

/** A place nobody has filled although later ones are. */
export interface JournalGap {
  readonly seq: number;
  /** Since when it is known, epoch milliseconds. */
  readonly sinceMs: number;
}

/**
 * Order: that of `seq`, whoever wrote when. Of equal seqs the first written counts, so a writer that repeats a record must
 * make it the same, bit for bit. Readers see the records up to the first gap only, each once, whichever instance wrote it.
 */
export interface SharedJournal {
  /**
   * Makes the record durable; may be repeated, here or elsewhere. Rejects JOURNAL_UNAVAILABLE when it is not known to be
   * durable in time; it may be so later.
   */
  append(record: JournalRecord): Promise<void>;
  /** The last record before the first gap, as far as this instance has read. */
  head(): JournalHead;
  /** The first gap, which is a payment in doubt: someone took its place and did not finish. */
  gap(): JournalGap | undefined;
  /** Resolves when `head` has reached `seq`; rejects when the journal is closed or fails before. */
  reached(seq: number): Promise<void>;
  /** Records with seq ≥ `fromSeq` up to the head as of the call, in order, in batches. */
  read(fromSeq: number): AsyncIterable<readonly JournalRecord[]>;
  tail(fromSeq: number): JournalTail;
  /** Calls `listener` with what is read, in order from now on; returns the way to stop. */
  subscribe(listener: CommitListener): () => void;
  /** Waits for what is being appended and stops reading. */
  close(): Promise<void>;
}
