/** Has what is sealed folded into snapshots, in a process of its own. */
import { join } from 'node:path';
import { segmentPath } from '../../adapters/segments/segment-files.ts';
import { type SegmentJournal } from '../../adapters/segments/journal.ts';
import { errorOf } from '../../adapters/system/failure.ts';
import { type StartedProcess, startProcess } from '../../adapters/system/start-process.ts';
import { type Config } from '../../config.ts';
import { type FeatureSettings } from '../../features/engine.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type Log } from '../../ports/log.ts';
import { type SnapshotOrder, type SnapshotPlaces, type SnapshotReply } from './snapshot-process.ts';

/** How long a process without an order is kept, with all profiles in its memory. */
const KEEP_MS = 60_000;

export interface SnapshotterDeps {
  readonly config: Config;
  readonly log: Log;
  readonly segments: SegmentJournal['segments'];
  readonly settings: FeatureSettings;
  readonly engineHash: string;
  /** Where the newest snapshot of this journal ends; seq 0 when there is none. */
  readonly last: JournalHead;
  readonly keepMs?: number;
}

export interface Snapshotter {
  /** To be told of each segment that is sealed. */
  onSealed(): void;
  stop(): Promise<void>;
}

/**
 * The process starts when `journal.snapshot_every_records` more are sealed than the last snapshot holds. While payments come
 * fast it goes on folding segment by segment: its start, and reading the last snapshot, delay answers for a second.
 */
export function createSnapshotter(deps: SnapshotterDeps): Snapshotter {
  const { config, log, segments, settings, engineHash, keepMs = KEEP_MS } = deps;
  const directory = join(config.dataDir, 'journal');
  let { last } = deps;
  let running: StartedProcess | undefined;
  /** The order it works at. */
  let inHand: SnapshotOrder | undefined;
  let leisure: NodeJS.Timeout | undefined;
  let isStopped = false;

  const end = async (): Promise<void> => {
    clearTimeout(leisure);
    const ending = running;
    running = undefined;
    inHand = undefined;
    await ending?.terminate();
  };

  const failed = (error: unknown): void => {
    log.warn({ error }, 'the snapshot failed; the next start replays more');
    void end();
  };

  const hear = (reply: SnapshotReply): void => {
    if (inHand === undefined) return;
    if ('failure' in reply) return failed(errorOf(reply.failure));
    if (inHand.isDue) last = { seq: reply.seq, mac: inHand.mac };
    inHand = undefined;
    leisure = setTimeout(() => void end(), keepMs).unref();
  };

  const start = (): StartedProcess => {
    const places: SnapshotPlaces = {
      keyFile: join(directory, 'chain.key'),
      snapshotDirectory: join(config.dataDir, 'snapshots'),
      settings,
      engineHash,
    };
    const started = startProcess(new URL('./snapshot-process', import.meta.url), places, { givesWay: true });
    started.on('message', (message) => {
      if (running === started) hear(message as SnapshotReply); // the process sends nothing else
    });
    started.onExit((how) => {
      if (running === started) failed(new Error(`its process ended: ${how}`));
    });
    return started;
  };

  return {
    onSealed() {
      const sealed = segments();
      const newest = sealed.at(-1);
      if (isStopped || inHand !== undefined || newest === undefined) return;
      const isDue = newest.lastSeq >= last.seq + config.snapshotEveryRecords;
      if (!isDue && running === undefined) return;
      clearTimeout(leisure);
      inHand = {
        previous: last,
        segments: sealed.map(({ number, firstSeq, end: length, lastSeq }) => ({
          path: segmentPath(directory, number),
          firstSeq,
          end: length,
          lastSeq,
        })),
        mac: Buffer.from(newest.mac).toString('hex'),
        isDue,
      };
      running ??= start();
      running.postMessage(inHand);
    },
    async stop() {
      isStopped = true;
      await end();
    },
  };
}
