/** Snapshots of what a shared journal comes to, in the data directory of whoever led last: they shorten the next start. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type JournalPlace } from '../../adapters/kafka/shared-journal.ts';
import { type ChainKey } from '../../adapters/segments/chain-key.ts';
import { openSnapshotStore } from '../../adapters/segments/snapshot-store.ts';
import { type ClaimCodec } from '../../journal/claim-bytes.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { type Snapshot } from '../../ports/snapshot-store.ts';
import { type Fold } from '../../usecases/fold.ts';
import { refuseSnapshot } from '../../usecases/recover-state.ts';

export interface SharedSnapshots {
  /** Keeps the fold as it stands after `last`. */
  write(fold: Fold, last: JournalRecord, place: JournalPlace): Promise<void>;
  /** The newest of this engine; whether it belongs to the journal, `isOf` says once its last record is read. */
  newest(fold: Fold): Promise<Snapshot | undefined>;
  /** Whether `record`, of the same seq, is the one the snapshot ends with. */
  isOf(snapshot: Snapshot, record: JournalRecord): boolean;
}

export async function openSharedSnapshots(deps: {
  readonly dataDir: string;
  readonly key: ChainKey;
  readonly codec: ClaimCodec;
  readonly engineHash: string;
  readonly onNotice: (text: string) => void;
}): Promise<SharedSnapshots> {
  const { codec, engineHash } = deps;
  const store = await openSnapshotStore({ ...deps, directory: join(deps.dataDir, 'snapshots') });
  /** Of the record itself: its MAC depends on who wrote it when. */
  const markOf = (record: JournalRecord): string =>
    createHash('sha256').update(codec.encodeRecord(record, record.seq)).digest('hex');
  return {
    async write(fold, last, place) {
      const { hash: catalogueHash } = fold.engine.catalogue;
      const payload = fold.snapshot();
      const header = { seq: last.seq, mac: markOf(last), catalogueHash, engineHash, versions: {} };
      await store.write({ ...header, place: JSON.stringify(place), payload });
    },
    newest: (fold) =>
      store.newest((header) =>
        header.place === undefined
          ? 'it belongs to a journal of one instance'
          : refuseSnapshot(header, { catalogueHash: fold.engine.catalogue.hash, engineHash, headSeq: Infinity }),
      ),
    isOf: (snapshot, record) => markOf(record) === snapshot.mac,
  };
}
