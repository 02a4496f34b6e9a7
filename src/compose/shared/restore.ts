/** Restores the shared store with the help of the newest snapshot, once its last record is found in the journal. */
import { SentinelError } from '../../domain/errors.ts';
import { createFeatureEngine, type FeatureSettings } from '../../features/engine.ts';
import { type ClaimCodec } from '../../journal/claim-bytes.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { type TakeOver } from '../../ports/shared-journal.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { type Snapshot } from '../../ports/snapshot-store.ts';
import { createFold } from '../../usecases/fold.ts';
import { restoreWhenNeeded } from '../../usecases/restore-online-store.ts';
import { type SharedSnapshots } from './snapshots.ts';

export interface RestoreDeps {
  readonly state: SharedState;
  readonly codec: ClaimCodec;
  readonly settings: FeatureSettings;
  readonly takeOver: TakeOver;
  readonly snapshots: SharedSnapshots;
  readonly idWindowMs: number;
  readonly owner: string;
}

/** A way to restore that uses no snapshot again which turned out to be of another journal. */
export function createRestore(deps: RestoreDeps): () => ReturnType<typeof restoreWhenNeeded> {
  const { snapshots, takeOver, settings } = deps;
  const foreign = new Set<string>();

  /** The records, refused when the snapshot's last one is not among them. */
  async function* checked(snapshot: Snapshot, records: ReturnType<TakeOver>): AsyncGenerator<readonly JournalRecord[]> {
    const refuse = (): never => {
      foreign.add(snapshot.mac);
      throw new SentinelError('NOT_READY', { reason: 'the newest snapshot is of another journal' });
    };
    let isFound = false;
    for await (const batch of records) {
      const last = batch.find(({ seq }) => seq === snapshot.seq);
      if (last !== undefined) isFound = snapshots.isOf(snapshot, last) || refuse();
      yield batch;
    }
    if (!isFound) refuse();
  }

  return async () => {
    const fold = createFold(createFeatureEngine(settings));
    const newest = await snapshots.newest(fold);
    if (newest === undefined || foreign.has(newest.mac)) return restoreWhenNeeded({ ...deps, fold }, takeOver);
    fold.restore(newest.payload);
    return restoreWhenNeeded({ ...deps, fold }, (...begun) => checked(newest, takeOver(...begun)));
  };
}
