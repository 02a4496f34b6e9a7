/** Records as the ledger is given them. */
import { framesOf } from '../../src/adapters/memory/journal.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { JOURNAL_SOURCE } from '../../src/ledger/source.ts';
import { type LedgerBatch } from '../../src/ports/ledger-store.ts';

/** Consecutive records of the journal as one batch. */
export function batchOf(records: readonly JournalRecord[]): LedgerBatch {
  return {
    source: JOURNAL_SOURCE,
    after: (records[0]?.seq ?? 1) - 1,
    upTo: records.at(-1)?.seq ?? 0,
    frames: framesOf(records),
  };
}
