/** The files a service lives on: its journal, and the snapshots that shorten the next start. */
import { join } from 'node:path';
import { type Worker } from 'node:worker_threads';
import { openKafkaJournal } from '../../adapters/kafka/journal.ts';
import { readChainKey } from '../../adapters/segments/chain-key.ts';
import {
  openSegmentJournal,
  type SegmentJournal,
  type SegmentJournalOptions,
} from '../../adapters/segments/journal.ts';
import { openSnapshotStore } from '../../adapters/segments/snapshot-store.ts';
import { segmentPath } from '../../adapters/segments/segment-files.ts';
import { startThread } from '../../adapters/system/start-thread.ts';
import { type Config } from '../../config.ts';
import { SentinelError } from '../../domain/errors.ts';
import { DAY_MS } from '../../domain/time.ts';
import { type FeatureSettings } from '../../features/engine.ts';
import { type KafkaCluster, kafkaClusterOf } from '../../kafka-settings.ts';
import { type Journal, type JournalHead } from '../../ports/journal.ts';
import { type Log } from '../../ports/log.ts';
import { type SnapshotStore } from '../../ports/snapshot-store.ts';
import { type Fold } from '../../usecases/fold.ts';
import { journalKeyOf } from '../journal-key.ts';
import { journalTopicOf, kafkaSettingsOf, readyTopics } from '../kafka-topics.ts';
import { type SnapshotOrder } from './snapshot-thread.ts';

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
  return cluster === undefined
    ? openSegmentStorage(config, log, hooks)
    : openKafkaStorage(config, cluster, settings, log, hooks);
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

async function openKafkaStorage(
  config: Config,
  cluster: KafkaCluster,
  { labelDelayMs }: FeatureSettings,
  log: Log,
  { onPoison, onCommit }: Hooks,
): Promise<Storage> {
  const key = journalKeyOf(config);
  const servers = kafkaSettingsOf(cluster, log);
  await readyTopics(cluster, labelDelayMs, log);
  const journal = await openKafkaJournal({
    ...servers,
    topic: journalTopicOf(cluster),
    key: key.key,
    seed: key.seed,
    exactWindowMs: config.exactIdDays * DAY_MS,
    ...(onPoison && { onPoison }),
    ...(onCommit && { onCommit }),
  });
  const directory = join(config.dataDir, 'snapshots');
  const snapshots = await openSnapshotStore({ directory, key, onNotice: (text) => log.warn({}, text) });
  return { journal, snapshots };
}

/** Folds what is sealed into a snapshot, in a thread, once `everyRecords` more are sealed than in the last one. */
export function createSnapshotter(deps: {
  readonly config: Config;
  readonly log: Log;
  readonly segments: SegmentJournal['segments'];
  readonly settings: FeatureSettings;
  readonly engineHash: string;
  /** Where the newest snapshot of this journal ends; seq 0 when there is none. */
  readonly last: JournalHead;
}): { onSealed(): void; stop(): Promise<void> } {
  const { config, log, segments, settings, engineHash } = deps;
  let { last } = deps;
  let thread: Worker | undefined;

  const begin = (): void => {
    const sealed = segments();
    const newest = sealed.at(-1);
    if (thread !== undefined || newest === undefined || newest.lastSeq < last.seq + config.snapshotEveryRecords) return;
    const order: SnapshotOrder = {
      keyFile: join(config.dataDir, 'journal', 'chain.key'),
      snapshotDirectory: join(config.dataDir, 'snapshots'),
      settings,
      engineHash,
      previous: last,
      segments: sealed.map(({ number, firstSeq, end, lastSeq }) => ({
        path: segmentPath(join(config.dataDir, 'journal'), number),
        firstSeq,
        end,
        lastSeq,
      })),
      mac: Buffer.from(newest.mac).toString('hex'),
    };
    const started = startThread(new URL('./snapshot-thread', import.meta.url), order);
    thread = started;
    started.on('message', (seq: number) => (last = { seq, mac: order.mac }));
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
