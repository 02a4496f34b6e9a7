/** Slow tables are recomputed at the first payment of an hour and published as a record before it. */
import { type DeadLetterRecord, type TablesRecord } from '../journal/record.ts';
import { type Journal } from '../ports/journal.ts';
import { type Fold } from './fold.ts';

/** Publishes due tables and gives up labels that waited too long; called before a payment that arrived at `arrivalMs`. */
export function publishTablesWhenDue(fold: Fold, journal: Journal, arrivalMs: number): void {
  const due = fold.engine.tablesDue(arrivalMs);
  if (due === undefined) return;
  const record = { type: 'tables', ...due } as const;
  fold.apply(journal.append<TablesRecord>(record).record);
  for (const label of fold.expiredLabels(arrivalMs)) {
    const letter = {
      type: 'dead_letter',
      arrivalMs,
      reason: 'label for a payment never seen',
      payload: label.transactionId,
    } as const;
    fold.apply(journal.append<DeadLetterRecord>(letter).record);
  }
}
