/** Every table made again from the journal: emptied, then projected from the first record on. */
import { type Journal } from '../ports/journal.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';

/** Rows of one transaction; larger ones gain nothing and hold more memory. */
const BATCH_RECORDS = 500;

/** Resolves to the number of records projected. Interrupted, it leaves a shorter ledger that the next start continues. */
export async function rebuildLedger(
  { journal, ledger }: { readonly journal: Pick<Journal, 'read'>; readonly ledger: LedgerStore },
  { onRecords, signal }: { readonly onRecords: (records: number) => void; readonly signal: AbortSignal },
): Promise<number> {
  await ledger.reset();
  let records = 0;
  for await (const batch of journal.read(1)) {
    for (let at = 0; at < batch.length; at += BATCH_RECORDS) {
      signal.throwIfAborted();
      const part = batch.slice(at, at + BATCH_RECORDS);
      await ledger.project(part);
      records += part.length;
      onRecords(records);
    }
  }
  return records;
}
