/** At start: the newest usable snapshot, then every record after it, folded into the state as it was. */
import { SentinelError } from '../domain/errors.ts';
import { type JournalRecord } from '../journal/record.ts';
import { type Journal } from '../ports/journal.ts';
import { type SnapshotHeader, type SnapshotStore } from '../ports/snapshot-store.ts';
import { type Fold } from './fold.ts';

export interface Recovery {
  /** `seq` of the snapshot used; 0 when there was none. */
  readonly snapshotSeq: number;
  /** MAC of the chain at its end, hex; '' when there was none. */
  readonly snapshotMac: string;
  readonly records: number;
}

/** Says why a snapshot cannot be used here; undefined when it can. */
export function refuseSnapshot(
  header: SnapshotHeader,
  expected: { readonly catalogueHash: string; readonly engineHash: string; readonly headSeq: number },
): string | undefined {
  if (header.catalogueHash !== expected.catalogueHash) return `it holds feature catalogue ${header.catalogueHash}`;
  if (header.engineHash !== expected.engineHash) return `it was made by engine ${header.engineHash}`;
  if (header.seq > expected.headSeq) return `it is ahead of the journal (${header.seq} > ${expected.headSeq})`;
  return undefined;
}

/**
 * Folds batches in, one after another. Throws JOURNAL_CORRUPT when a record is missing between them; what retention
 * removed is missing before the first alone.
 */
export function inSequence(fold: Fold): (batch: readonly JournalRecord[]) => void {
  let due: number | undefined;
  return (batch) => {
    for (const record of batch) {
      if (due !== undefined && record.seq !== due) {
        throw new SentinelError('JOURNAL_CORRUPT', {
          place: `seq ${due}`,
          problem: `seq ${record.seq} follows where it is due`,
        });
      }
      fold.apply(record);
      due = record.seq + 1;
    }
  };
}

/** Restores `fold` from `snapshots` and the journal; `onProgress` hears how many records are done. */
export async function recoverState(
  deps: {
    readonly fold: Fold;
    readonly journal: Pick<Journal, 'read' | 'head'> & { readonly macAt: (seq: number) => Promise<string | undefined> };
    readonly snapshots: Pick<SnapshotStore, 'newest'>;
    readonly engineHash: string;
  },
  onProgress: (records: number) => void = () => undefined,
): Promise<Recovery> {
  const { fold, journal, snapshots, engineHash } = deps;
  const expected = { catalogueHash: fold.engine.catalogue.hash, engineHash, headSeq: journal.head().seq };
  const snapshot = await snapshots.newest(async (header) => {
    const refusal = refuseSnapshot(header, expected);
    if (refusal !== undefined) return refusal;
    return (await journal.macAt(header.seq)) === header.mac ? undefined : 'it belongs to another journal';
  });
  if (snapshot !== undefined) fold.restore(snapshot.payload);
  const follow = inSequence(fold);
  let records = 0;
  for await (const batch of journal.read((snapshot?.seq ?? 0) + 1)) {
    follow(batch);
    records += batch.length;
    onProgress(records);
  }
  return { snapshotSeq: snapshot?.seq ?? 0, snapshotMac: snapshot?.mac ?? '', records };
}
