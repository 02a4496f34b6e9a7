/** Training runs on record where instances share everything: the one that leads records those that it finds. */
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type OnlineStore } from '../ports/online-store.ts';
import { type SharedState } from '../ports/shared-state.ts';
import { type Run } from '../ports/tracking.ts';
import { endedRuns } from './ended-runs.ts';
import { type Fold } from './fold.ts';
import { appendPlaced, type PlacedJournal } from './placed-journal.ts';

export interface SharedRunsDeps {
  /** Holds every record there was when this one began to lead. */
  readonly fold: Pick<Fold, 'knowsRun'>;
  readonly store: OnlineStore;
  readonly state: SharedState;
  readonly journal: PlacedJournal;
  readonly codec: ClaimCodec;
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
    const epoch = deps.store.epoch();
    const frame = deps.codec.encodeRecord(record(0), 0);
    const place = await deps.state.place({ frame });
    if (place === undefined) continue; // what has no condition is placed
    await appendPlaced(deps, { ...place, frame }, epoch, 'change');
    recorded += 1;
  }
  return recorded;
}
