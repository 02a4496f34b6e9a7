/** Training runs on record where instances share everything: the one that leads records those that it finds. */
import { type Run } from '../ports/tracking.ts';
import { endedRuns } from './ended-runs.ts';
import { type Fold } from './fold.ts';
import { recordPlain, type SharedWriter } from './placed-journal.ts';

export interface SharedRunsDeps extends SharedWriter {
  /** Holds every record there was when this one began to lead. */
  readonly fold: Pick<Fold, 'knowsRun'>;
}

/**
 * Records each run that has ended and is not on record, until `signal` aborts; resolves to the number of them. Two that
 * take themselves for the leader may both record a run, which the ledger lists once.
 */
export async function recordSharedRuns(
  deps: SharedRunsDeps,
  runs: readonly Run[],
  signal: AbortSignal,
): Promise<number> {
  let recorded = 0;
  for (const record of endedRuns(deps.fold, runs)) {
    if (signal.aborted) break;
    await recordPlain(deps, record(0));
    recorded += 1;
  }
  return recorded;
}
