/** Snapshots folded by the thread, beside a journal that was put back from a copy. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSegmentJournal, type SegmentJournal } from '../../../src/adapters/segments/journal.ts';
import { openSnapshotStore } from '../../../src/adapters/segments/snapshot-store.ts';
import { createSnapshotter } from '../../../src/compose/alone/storage.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { createFeatureEngine, type FeatureSettings } from '../../../src/features/engine.ts';
import { type SnapshotStore } from '../../../src/ports/snapshot-store.ts';
import { createFold, type Fold } from '../../../src/usecases/fold.ts';
import { recoverState, type Recovery } from '../../../src/usecases/recover-state.ts';
import { aDirectory } from '../../support/directories.ts';
import { files, keyOf } from '../../support/journals.ts';
import { aConfig } from '../../support/services.ts';

const engineHash = 'engine';
const settings: FeatureSettings = {
  catalogue: 'sentinel',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
};

interface Started {
  readonly journal: SegmentJournal;
  readonly fold: Fold;
  readonly snapshots: SnapshotStore;
  readonly recovery: Recovery;
}

async function start(dataDir: string): Promise<Started> {
  const directory = join(dataDir, 'journal');
  const journal = await openSegmentJournal({ directory, segmentBytes: 8 * 1024 });
  const snapshots = await openSnapshotStore({
    directory: join(dataDir, 'snapshots'),
    key: await keyOf(directory),
    onNotice: () => undefined,
  });
  const fold = createFold(createFeatureEngine(settings));
  const recovery = await recoverState({ fold, journal, snapshots, engineHash });
  return { journal, fold, snapshots, recovery };
}

/** Records `count` labels that wait for their payments, named so that histories can be told apart. */
async function label({ journal, fold }: Started, history: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const arrivalMs = 1_000 * journal.nextSeq();
    const transactionId = `${history}-${journal.nextSeq()}`;
    const { record, committed } = journal.append({
      type: 'label',
      arrivalMs,
      label: { transactionId, isFraud: true, source: 'analyst', arrivalMs },
    });
    fold.apply(record);
    await committed;
  }
}

/** Writes the snapshot of an orderly end. */
async function stop({ journal, fold, snapshots }: Started): Promise<void> {
  const { hash: catalogueHash } = fold.engine.catalogue;
  await snapshots.write({ ...journal.head(), catalogueHash, engineHash, versions: {}, payload: fold.snapshot() });
  await journal.close();
}

/** Has the thread fold what is sealed, and waits until it has. */
async function foldSealed(dataDir: string, { journal, recovery }: Started): Promise<void> {
  const warnings: unknown[] = [];
  const before = files(join(dataDir, 'snapshots'), '.bin').at(-1);
  const snapshotter = createSnapshotter({
    config: { ...aConfig('', ''), dataDir, snapshotEveryRecords: 1 },
    log: { error: () => undefined, warn: (_, text) => warnings.push(text), info: () => undefined },
    segments: () => journal.segments(),
    settings,
    engineHash,
    last: { seq: recovery.snapshotSeq, mac: recovery.snapshotMac },
  });
  snapshotter.onSealed();
  await expect.poll(() => files(join(dataDir, 'snapshots'), '.bin').at(-1), { timeout: 20_000 }).not.toBe(before);
  await snapshotter.stop();
  expect(warnings).toEqual([]);
}

it('never folds on a snapshot of a history that the journal has left, however far it has grown since', async () => {
  const dataDir = aDirectory();
  const at = (name: string): string => join(dataDir, name);
  let service = await start(dataDir);
  await label(service, 'common', 20);
  await stop(service);
  cpSync(at('journal'), at('copy'), { recursive: true });
  service = await start(dataDir);
  await label(service, 'left', 60);
  await stop(service);
  rmSync(at('journal'), { recursive: true });
  cpSync(at('copy'), at('journal'), { recursive: true });

  service = await start(dataDir);
  expect(service.recovery.snapshotSeq).toBe(20);
  await label(service, 'own', 200);
  await foldSealed(dataDir, service);
  const live = [...service.fold.labels().waiting.keys()];
  await service.journal.close();

  service = await start(dataDir);
  expect(service.recovery.snapshotSeq).toBeGreaterThan(80);
  expect([...service.fold.labels().waiting.keys()]).toEqual(live);
  await service.journal.close();
});
