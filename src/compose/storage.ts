/** The files a service lives on: its journal, and the snapshots that shorten the next start. */
import { join } from 'node:path';
import { type Worker } from 'node:worker_threads';
import { readChainKey } from '../adapters/segments/chain-key.ts';
import { openSegmentJournal, type SegmentJournal, type SegmentJournalOptions } from '../adapters/segments/journal.ts';
import { openSnapshotStore } from '../adapters/segments/snapshot-store.ts';
import { segmentPath } from '../adapters/segments/segment-files.ts';
import { secretFile } from '../adapters/system/secret-file.ts';
import { startThread } from '../adapters/system/start-thread.ts';
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { DAY_MS } from '../domain/time.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type Log } from '../ports/log.ts';
import { type SnapshotStore } from '../ports/snapshot-store.ts';
import { type SnapshotOrder } from './snapshot-thread.ts';
import { type Fold } from '../usecases/fold.ts';

const MIB = 2 ** 20;

export interface Storage {
  readonly journal: SegmentJournal;
  readonly snapshots: SnapshotStore;
  /** Key of the tokens that stand for card numbers. */
  readonly tokenKey: Uint8Array;
}

export async function openStorage(
  config: Config,
  log: Log,
  hooks: Pick<SegmentJournalOptions, 'onPoison' | 'onCommit' | 'onSealed'>,
): Promise<Storage> {
  const directory = join(config.dataDir, 'journal');
  const onNotice = (text: string): void => log.warn({}, text);
  const journal = await openSegmentJournal({
    directory,
    segmentBytes: config.segmentMib * MIB,
    exactWindowMs: config.exactIdDays * DAY_MS,
    onNotice,
    onSpace: (error) =>
      error === undefined
        ? log.warn({}, 'the journal has room again')
        : log.error(
            { error },
            'no room for the next segment of the journal: payments are refused once this one is full',
          ),
    ...hooks,
  });
  const key = await readChainKey(join(directory, 'chain.key'));
  if (key === undefined)
    throw new SentinelError('JOURNAL_CORRUPT', { place: directory, problem: 'the key file is missing' });
  const snapshots = await openSnapshotStore({ directory: join(config.dataDir, 'snapshots'), key, onNotice });
  const tokenKey =
    config.tokenKey === '' ? secretFile(join(config.dataDir, 'token.key')) : new TextEncoder().encode(config.tokenKey);
  return { journal, snapshots, tokenKey };
}

/** Folds what is sealed into a snapshot, in a thread, once `everyRecords` more are sealed than in the last one. */
export function createSnapshotter(deps: {
  readonly config: Config;
  readonly log: Log;
  readonly journal: Pick<SegmentJournal, 'segments'>;
  readonly settings: FeatureSettings;
  readonly engineHash: string;
  /** `seq` of the newest snapshot. */
  readonly lastSeq: number;
}): { onSealed(): void; stop(): Promise<void> } {
  const { config, log, journal, settings, engineHash } = deps;
  let { lastSeq } = deps;
  let thread: Worker | undefined;

  const begin = (): void => {
    const sealed = journal.segments();
    const newest = sealed.at(-1);
    if (thread !== undefined || newest === undefined || newest.lastSeq < lastSeq + config.snapshotEveryRecords) return;
    const order: SnapshotOrder = {
      keyFile: join(config.dataDir, 'journal', 'chain.key'),
      snapshotDirectory: join(config.dataDir, 'snapshots'),
      settings,
      engineHash,
      segments: sealed.map(({ number, end, lastSeq: last }) => ({
        path: segmentPath(join(config.dataDir, 'journal'), number),
        end,
        lastSeq: last,
      })),
      mac: Buffer.from(newest.mac).toString('hex'),
    };
    const started = startThread(new URL('./snapshot-thread', import.meta.url), order);
    thread = started;
    started.on('message', (seq: number) => (lastSeq = seq));
    started.on('error', (error) => log.warn({ error }, 'the snapshot failed; the next start replays more'));
    started.on('exit', () => (thread = undefined));
  };
  return { onSealed: begin, stop: async () => void (await thread?.terminate()) };
}

export async function writeSnapshot(fold: Fold, { journal, snapshots }: Storage, engineHash: string): Promise<void> {
  const { seq, mac } = journal.head();
  if (seq === 0 || fold.position().seq !== seq) return;
  const { catalogue } = fold.engine;
  const payload = fold.snapshot();
  await snapshots.write({ seq, mac, catalogueHash: catalogue.hash, engineHash, versions: {}, payload });
}
