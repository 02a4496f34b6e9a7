/** The process that folds sealed segments onto the last snapshot and writes the next ones, while scoring goes on. */
import { setTimeout as pause } from 'node:timers/promises';
import { readChainKey } from '../../adapters/segments/chain-key.ts';
import { readRecords, type SegmentPart } from '../../adapters/segments/reader.ts';
import { openSnapshotStore } from '../../adapters/segments/snapshot-store.ts';
import { type Failure, failureOf } from '../../adapters/system/failure.ts';
import { parentProcess } from '../../adapters/system/start-process.ts';
import { createFeatureEngine, type FeatureSettings } from '../../features/engine.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type SnapshotStore } from '../../ports/snapshot-store.ts';
import { createFold, type Fold } from '../../usecases/fold.ts';
import { inSequence, refuseSnapshot } from '../../usecases/recover-state.ts';

/** What the process is given. */
export interface SnapshotPlaces {
  readonly keyFile: string;
  readonly snapshotDirectory: string;
  readonly settings: FeatureSettings;
  readonly engineHash: string;
}

/** To fold all that is sealed; one order at a time. */
export interface SnapshotOrder {
  /** Where the snapshot ends that the journal was last seen to continue; seq 0 for none. No other is folded on. */
  readonly previous: JournalHead;
  /** Sealed segments in order. */
  readonly segments: readonly (SegmentPart & { readonly lastSeq: number })[];
  /** MAC of the last sealed block, hex. */
  readonly mac: string;
  /** Whether to write a snapshot then. */
  readonly isDue: boolean;
}

/** Up to where all is folded, or why it is not. */
export type SnapshotReply = { readonly seq: number } | { readonly failure: Failure };

/**
 * Share of a core that folding takes: in one go it takes caches and memory from the threads of the service, which at 10,000
 * payments a second then fall behind. It keeps up with 20,000 records a second.
 */
const CPU_SHARE = 0.25;

const { data: places, port } = await parentProcess<SnapshotPlaces>();
const { settings, engineHash } = places;

/** The state after the last order, kept for the next. */
let kept: Fold | undefined;

/** Resolves when what was done since `from` is `CPU_SHARE` of the time since then. */
async function rest(from: NodeJS.CpuUsage): Promise<void> {
  const { user, system } = process.cpuUsage(from);
  await pause(((user + system) / 1_000) * (1 / CPU_SHARE - 1));
}

async function openStore(): Promise<SnapshotStore> {
  const key = await readChainKey(places.keyFile);
  if (key === undefined) throw new Error(`${places.keyFile} is missing`);
  return openSnapshotStore({ directory: places.snapshotDirectory, key, onNotice: () => undefined });
}

/** The state of the last snapshot, where the journal continues it; else that of an empty journal. */
async function restored(store: SnapshotStore, { previous, segments }: SnapshotOrder): Promise<Fold> {
  const fold = createFold(createFeatureEngine(settings));
  const headSeq = segments.at(-1)?.lastSeq ?? 0;
  const expected = { catalogueHash: fold.engine.catalogue.hash, engineHash, headSeq };
  const snapshot = await store.newest((header) => {
    const isPrevious = header.seq === previous.seq && header.mac === previous.mac;
    return refuseSnapshot(header, expected) ?? (isPrevious ? undefined : 'it is not the one made last');
  });
  if (snapshot !== undefined) fold.restore(snapshot.payload);
  return fold;
}

async function carryOut(order: SnapshotOrder): Promise<number> {
  const store = await openStore();
  const fold = kept ?? (await restored(store, order));
  kept = undefined; // until it is whole again
  const follow = inSequence(fold);
  for (const segment of order.segments) {
    if (segment.lastSeq <= fold.position().seq) continue;
    let from = process.cpuUsage();
    for await (const batch of readRecords(segment, fold.position().seq + 1)) {
      follow(batch);
      await rest(from);
      from = process.cpuUsage();
    }
  }
  const { seq } = fold.position();
  const headSeq = order.segments.at(-1)?.lastSeq ?? 0;
  if (seq !== headSeq) throw new Error(`the sealed segments end at ${seq}, expected ${headSeq}`);
  if (order.isDue && seq > order.previous.seq) {
    const { hash: catalogueHash } = fold.engine.catalogue;
    await store.write({ seq, mac: order.mac, catalogueHash, engineHash, versions: {}, payload: fold.snapshot() });
  }
  kept = fold;
  return seq;
}

const reply = (message: SnapshotReply): void => port.postMessage(message);

port.on('message', (message) => {
  const order = message as SnapshotOrder; // the service sends nothing else
  carryOut(order).then(
    (seq) => reply({ seq }),
    (error: unknown) => reply({ failure: failureOf(error) }),
  );
});
