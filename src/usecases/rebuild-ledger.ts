/** Every table made again from the journal: emptied, then projected from the first record on. */
import { surveyFrames } from '../journal/frame.ts';
import { JOURNAL_SOURCE } from '../ledger/source.ts';
import { type Journal } from '../ports/journal.ts';
import { type JournalFrames } from '../ports/journal-copy.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';

/** Rows of one transaction; larger ones gain nothing and hold more memory. */
const BATCH_RECORDS = 500;

/** The records of an open journal. */
export function framesOf(journal: Pick<Journal, 'tail'>): JournalFrames {
  return {
    async *frames() {
      const tail = journal.tail(1);
      for (;;) {
        const frames = await tail.take(BATCH_RECORDS);
        if (frames.length === 0) return;
        yield frames;
      }
    },
  };
}

/**
 * Resolves to the number of records projected and the last of them. A journal that cannot be read leaves the tables as
 * they are; interrupted, it leaves a shorter ledger that the next start continues.
 */
export async function rebuildLedger(
  { journal, ledger }: { readonly journal: JournalFrames; readonly ledger: LedgerStore },
  { onRecords, signal }: { readonly onRecords: (records: number) => void; readonly signal: AbortSignal },
): Promise<{ readonly records: number; readonly lastSeq: number }> {
  let records = 0;
  let after = 0;
  for await (const frames of journal.frames()) {
    signal.throwIfAborted();
    if (records === 0) await ledger.reset();
    const { count, lastSeq: upTo } = surveyFrames(frames);
    await ledger.project({ source: JOURNAL_SOURCE, after, upTo, frames: frames.slice() });
    after = upTo;
    records += count;
    onRecords(records);
  }
  if (records === 0) await ledger.reset();
  return { records, lastSeq: after };
}
