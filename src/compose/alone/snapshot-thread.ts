/** The thread that folds sealed segments onto the last snapshot and writes the next one, while scoring goes on. */
import { parentPort, workerData } from 'node:worker_threads';
import { readChainKey } from '../../adapters/segments/chain-key.ts';
import { readRecords, type SegmentPart } from '../../adapters/segments/reader.ts';
import { openSnapshotStore } from '../../adapters/segments/snapshot-store.ts';
import { giveWay } from '../../adapters/system/give-way.ts';
import { createFeatureEngine, type FeatureSettings } from '../../features/engine.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { createFold } from '../../usecases/fold.ts';
import { inSequence, refuseSnapshot } from '../../usecases/recover-state.ts';

/** What the thread is given. */
export interface SnapshotOrder {
  readonly keyFile: string;
  readonly snapshotDirectory: string;
  readonly settings: FeatureSettings;
  readonly engineHash: string;
  /** Where the snapshot ends that the journal was last seen to continue; seq 0 for none. No other is folded on. */
  readonly previous: JournalHead;
  /** Sealed segments in order. */
  readonly segments: readonly (SegmentPart & { readonly lastSeq: number })[];
  /** MAC of the last sealed block, hex. */
  readonly mac: string;
}

giveWay();

const order = workerData as SnapshotOrder; // set by start-snapshot.ts

async function run(): Promise<number> {
  const key = await readChainKey(order.keyFile);
  if (key === undefined) throw new Error(`${order.keyFile} is missing`);
  const notices: string[] = [];
  const store = await openSnapshotStore({
    directory: order.snapshotDirectory,
    key,
    onNotice: (text) => notices.push(text),
  });
  const fold = createFold(createFeatureEngine(order.settings));
  const { hash: catalogueHash } = fold.engine.catalogue;
  const headSeq = order.segments.at(-1)?.lastSeq ?? 0;
  const expected = { catalogueHash, engineHash: order.engineHash, headSeq };
  const previous = await store.newest((header) => {
    const isPrevious = header.seq === order.previous.seq && header.mac === order.previous.mac;
    return refuseSnapshot(header, expected) ?? (isPrevious ? undefined : 'it is not the one made last');
  });
  if (previous !== undefined) fold.restore(previous.payload);
  const follow = inSequence(fold);
  for (const segment of order.segments) {
    if (segment.lastSeq <= fold.position().seq) continue;
    for await (const batch of readRecords(segment, fold.position().seq + 1)) follow(batch);
  }
  const { seq } = fold.position();
  if (seq !== headSeq) throw new Error(`the sealed segments end at ${seq}, expected ${headSeq}`);
  if (seq === (previous?.seq ?? 0)) return seq;
  const { mac, engineHash } = order;
  await store.write({ seq, mac, catalogueHash, engineHash, versions: {}, payload: fold.snapshot() });
  return seq;
}

parentPort?.postMessage(await run());
