/** The answer of a journal that takes nothing more. */
import { SentinelError } from '../../domain/errors.ts';
import { type JournalRecord, place, type Unplaced } from '../../journal/record.ts';
import { type Appended } from '../../ports/journal.ts';

/** `record` at the place it would have had; its commit has failed with JOURNAL_UNAVAILABLE because of `cause`. */
export function refusedAppend<R extends JournalRecord>(record: Unplaced<R>, seq: number, cause?: Error): Appended<R> {
  const committed = Promise.reject(new SentinelError('JOURNAL_UNAVAILABLE', {}, cause));
  committed.catch(() => undefined); // whoever appended hears of it; an append nobody waits for is no crash
  return { seq, record: place(record, seq), committed };
}
