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
  /** Stops reading. */
  close(): Promise<void>;
}

/**
 * Begins a new epoch of writers: hands out every record that counts, in order of seq and without a gap; what earlier epochs
 * append afterwards does not count. Where the journal has seen `epoch` or a later one, `onPassed` is told of the highest,
 * and the reading rejects NOT_READY.
 */
export type TakeOver = (
  epoch: number,
  onPassed: (highest: number) => Promise<unknown>,
) => AsyncIterable<readonly JournalRecord[]>;
