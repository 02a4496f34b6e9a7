/** Every table made again from the journal: emptied, then projected from the first record on. */
import { surveyFrames } from '../journal/frame.ts';
import { JOURNAL_SOURCE } from '../ledger/source.ts';
import { type Journal } from '../ports/journal.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';

/** Rows of one transaction; larger ones gain nothing and hold more memory. */
const BATCH_RECORDS = 500;

/** Resolves to the number of records projected. Interrupted, it leaves a shorter ledger that the next start continues. */
export async function rebuildLedger(
  { journal, ledger }: { readonly journal: Pick<Journal, 'tail'>; readonly ledger: LedgerStore },
  { onRecords, signal }: { readonly onRecords: (records: number) => void; readonly signal: AbortSignal },
): Promise<number> {
  await ledger.reset();
  const tail = journal.tail(1);
  let records = 0;
  let after = 0;
  for (;;) {
    const frames = await tail.take(BATCH_RECORDS);
    if (frames.length === 0) break;
    signal.throwIfAborted();
    const { count, lastSeq: upTo } = surveyFrames(frames);
    await ledger.project({ source: JOURNAL_SOURCE, after, upTo, frames });
    after = upTo;
    records += count;
    onRecords(records);
  }
  return records;
}
