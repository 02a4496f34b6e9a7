/** Training runs that have ended, put on record, so that the ledger lists them and a rebuild finds them again. */
import { type ChangeRecord } from '../journal/record.ts';
import { type Journal } from '../ports/journal.ts';
import { type Run } from '../ports/tracking.ts';
import { endedRuns } from './ended-runs.ts';
import { type Fold } from './fold.ts';

/** Records each run that has ended and is not on record; resolves, with their number, when all are durable. */
export async function recordRuns(
  deps: { readonly fold: Fold; readonly journal: Journal; readonly nowMs: () => number },
  runs: readonly Run[],
): Promise<number> {
  const { fold, journal } = deps;
  const fresh = endedRuns(fold, runs);
  let committed = Promise.resolve();
  for (const record of fresh) {
    const appended = journal.append<ChangeRecord>(record(Math.max(fold.position().arrivalMs, deps.nowMs())));
    fold.apply(appended.record);
    ({ committed } = appended);
  }
  await committed;
  return fresh.length;
}
