/** The files a service lives on: its journal, and the snapshots that shorten the next start. */
import { join } from 'node:path';
import { readChainKey } from '../../adapters/segments/chain-key.ts';
import {
  openSegmentJournal,
  type SegmentJournal,
  type SegmentJournalOptions,
} from '../../adapters/segments/journal.ts';
import { openSnapshotStore } from '../../adapters/segments/snapshot-store.ts';
import { type Config } from '../../config.ts';
import { SentinelError } from '../../domain/errors.ts';
import { DAY_MS } from '../../domain/time.ts';
import { type FeatureSettings } from '../../features/engine.ts';
import { kafkaClusterOf } from '../../kafka-settings.ts';
import { type Journal } from '../../ports/journal.ts';
import { type Log } from '../../ports/log.ts';
import { type SnapshotStore } from '../../ports/snapshot-store.ts';
import { type Fold } from '../../usecases/fold.ts';

const MIB = 2 ** 20;

export interface Storage {
  readonly journal: Journal & Pick<SegmentJournal, 'macAt'>;
  readonly snapshots: SnapshotStore;
  /** The sealed segments, where the journal is in local files. */
  readonly segments?: SegmentJournal['segments'];
}

type Hooks = Pick<SegmentJournalOptions, 'onPoison' | 'onCommit' | 'onSealed'>;

/** The journal where the configuration puts it. */
export async function openStorage(config: Config, settings: FeatureSettings, log: Log, hooks: Hooks): Promise<Storage> {
  const cluster = kafkaClusterOf(config);
  if (cluster === undefined) return openSegmentStorage(config, log, hooks);
  const { openKafkaStorage } = await import('./kafka-storage.ts');
  return openKafkaStorage(config, cluster, settings, log, hooks);
}

async function openSegmentStorage(config: Config, log: Log, hooks: Hooks): Promise<Storage> {
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
  return { journal, snapshots, segments: () => journal.segments() };
}

export async function writeSnapshot(fold: Fold, { journal, snapshots }: Storage, engineHash: string): Promise<void> {
  const { seq, mac } = journal.head();
  if (seq === 0 || fold.position().seq !== seq) return;
  const { catalogue } = fold.engine;
  const payload = fold.snapshot();
  await snapshots.write({ seq, mac, catalogueHash: catalogue.hash, engineHash, versions: {}, payload });
}
