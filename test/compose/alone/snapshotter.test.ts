/** Snapshots folded in a process of their own, beside a journal that was put back from a copy. */
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSegmentJournal, type SegmentJournal } from '../../../src/adapters/segments/journal.ts';
import { openSnapshotStore } from '../../../src/adapters/segments/snapshot-store.ts';
import { createSnapshotter, type Snapshotter } from '../../../src/compose/alone/snapshotter.ts';
import { type Config } from '../../../src/config.ts';
import { processTree } from '../../../bench/process-figures.ts';
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

/** Beside a service that has just started; `warnings` are the errors it logs. */
function aSnapshotter(
  dataDir: string,
  { journal, recovery }: Started,
  changes: Pick<Config, 'snapshotEveryRecords'>,
  keepMs?: number,
): { readonly snapshotter: Snapshotter; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const snapshotter = createSnapshotter({
    config: { ...aConfig('', ''), dataDir, ...changes },
    log: { error: () => undefined, warn: ({ error }) => warnings.push(String(error)), info: () => undefined },
    segments: () => journal.segments(),
    settings,
    engineHash,
    last: { seq: recovery.snapshotSeq, mac: recovery.snapshotMac },
    ...(keepMs !== undefined && { keepMs }),
  });
  return { snapshotter, warnings };
}

/** Has what is sealed folded, and waits until it has. */
async function foldSealed(dataDir: string, service: Started): Promise<void> {
  const before = files(join(dataDir, 'snapshots'), '.bin').at(-1);
  const { snapshotter, warnings } = aSnapshotter(dataDir, service, { snapshotEveryRecords: 1 });
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

it('says why there is no snapshot, and lets the next sealed segment try again', async () => {
  const dataDir = aDirectory();
  const service = await start(dataDir);
  await label(service, 'own', 60);
  const [key, kept] = ['chain.key', 'kept.key'].map((name) => join(dataDir, 'journal', name)) as [string, string];
  renameSync(key, kept);
  const { snapshotter, warnings } = aSnapshotter(dataDir, service, { snapshotEveryRecords: 1 });
  snapshotter.onSealed();
  await expect.poll(() => warnings, { timeout: 20_000 }).toEqual([`Error: ${key} is missing`]);
  expect(files(join(dataDir, 'snapshots'), '.bin')).toEqual([]);

  renameSync(kept, key);
  await expect
    .poll(() => (snapshotter.onSealed(), files(join(dataDir, 'snapshots'), '.bin').length), { timeout: 20_000 })
    .toBe(1);
  await snapshotter.stop();
  expect(warnings).toHaveLength(1);
  await service.journal.close();
});

it('goes on folding while segments come, and ends what keeps the profiles once none does', async () => {
  const dataDir = aDirectory();
  const snapshotNames = (): string[] => files(join(dataDir, 'snapshots'), '.bin');
  const service = await start(dataDir);
  const { snapshotter, warnings } = aSnapshotter(dataDir, service, { snapshotEveryRecords: 100 }, 1_500);
  const processes = (): number => processTree(process.pid).length;
  const before = processes();
  await label(service, 'first', 120);
  await expect.poll(() => (snapshotter.onSealed(), snapshotNames().length), { timeout: 20_000 }).toBe(1);
  // The next ones are folded on what is in memory: the snapshot they continue may be gone.
  await label(service, 'second', 60);
  snapshotter.onSealed();
  renameSync(join(dataDir, 'snapshots'), join(dataDir, 'gone')); // at once: the process may be opening it
  await label(service, 'third', 120);
  await expect.poll(() => (snapshotter.onSealed(), snapshotNames().length), { timeout: 20_000 }).toBe(1);
  expect(processes()).toBe(before + 1);
  await expect.poll(processes, { timeout: 20_000 }).toBe(before);
  expect(warnings).toEqual([]);
  const live = [...service.fold.labels().waiting.keys()];
  await snapshotter.stop();
  await service.journal.close();

  const again = await start(dataDir);
  expect(again.recovery.snapshotSeq).toBeGreaterThan(200);
  expect([...again.fold.labels().waiting.keys()]).toEqual(live);
  await again.journal.close();
});
