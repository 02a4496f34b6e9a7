/** What the one that leads does for all: folds the journal, publishes tables, records runs, writes snapshots, seals, projects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type PlacedKafkaJournal } from '../../adapters/kafka/placed-journal.ts';
import { type JournalPlace, readPlace, type SharedKafkaJournal } from '../../adapters/kafka/shared-journal.ts';
import { PRIMITIVES } from '../../adapters/system/byte-primitives.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { SentinelError } from '../../domain/errors.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/time.ts';
import { createFeatureEngine, type FeatureSettings } from '../../features/engine.ts';
import { type ClaimCodec } from '../../journal/claim-bytes.ts';
import { takeRecords } from '../../journal/frame.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { JOURNAL_SOURCE } from '../../ledger/source.ts';
import { type Log } from '../../ports/log.ts';
import { type OnlineStore } from '../../ports/online-store.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { type Run } from '../../ports/tracking.ts';
import { createFold, type Fold } from '../../usecases/fold.ts';
import { publishSharedTables } from '../../usecases/publish-shared-tables.ts';
import { recordSharedRuns } from '../../usecases/record-shared-runs.ts';
import { type ConfiguredLedger } from '../ledger.ts';
import { type Work } from './lead.ts';
import { type SharedProgress, tellProgress } from './progress.ts';
import { repeat } from './repeat.ts';
import { type SharedSnapshots } from './snapshots.ts';

/** Records folded at a time. */
const BATCH = 512;
const TELL_MS = SECOND_MS;
/** How often it is tried until it is done. */
const RECORD_RUNS_MS = SECOND_MS;
const SEAL_MS = 10 * MINUTE_MS;
/** A ledger that does not say within this where it stands is taken for empty. */
const POSITION_MS = 5 * SECOND_MS;

export interface FollowDeps {
  readonly store: OnlineStore;
  readonly state: SharedState;
  readonly codec: ClaimCodec;
  readonly settings: FeatureSettings;
  readonly snapshots: SharedSnapshots;
  readonly snapshotEveryRecords: number;
  readonly ledger: Pick<ConfiguredLedger, 'store' | 'project'> | undefined;
  /** Opens the journal to be read from a place; `onFailure` hears when reading ends. */
  readonly openJournal: (from: JournalPlace | undefined, onFailure: (error: Error) => void) => Promise<SharedKafkaJournal>; // prettier-ignore
  /** Opens it to be written; `durableTo` is how far all is durable. */
  readonly openWriter: (durableTo: () => number) => Promise<PlacedKafkaJournal>;
  readonly seal: () => Promise<unknown>;
  readonly trainingRuns: () => Promise<readonly Run[]>;
  readonly log: Log;
}

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

/** Resolves when the work has begun. */
export async function followJournal(deps: FollowDeps): Promise<Work> {
  const { store, state, codec, ledger, log, snapshots } = deps;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined); // whoever leads hears of it
  const { fold, journal } = await openState(deps, fail);
  const writer = await orClosed(
    journal,
    deps.openWriter(() => journal.head().seq),
  );
  let stopped = false;

  const projector = ledger?.project(journal);

  const publish = (record: JournalRecord): Promise<unknown> =>
    publishSharedTables({ fold, store, state, journal: writer, codec, nowMs: systemClock.nowMs }, record).catch(
      (error: unknown) => log.warn({ error }, 'tables were not published; the next hour’s will be'),
    );

  /** Whether every record is folded that there was at the start. */
  let isCurrent = false;
  let hasRecordedRuns = false;
  const recordRuns = async (signal: AbortSignal): Promise<void> => {
    if (!isCurrent || hasRecordedRuns || (await state.status()) !== 'open') return;
    const runs = await recordSharedRuns(
      { fold, store, state, journal: writer, codec },
      await deps.trainingRuns(),
      signal,
    );
    hasRecordedRuns = true;
    if (runs > 0) log.info({ runs }, 'training runs put on record');
  };

  const follow = async (): Promise<void> => {
    const tail = journal.tail(fold.position().seq + 1);
    let snapshotSeq = fold.position().seq;
    while (!stopped) {
      const frames = await tail.take(BATCH);
      if (frames.length === 0) {
        isCurrent = true;
        await journal.reached(fold.position().seq + 1);
        continue;
      }
      let last: JournalRecord | undefined;
      for (const record of takeRecords(frames, PRIMITIVES)) {
        if (hourOf(record.arrivalMs) > hourOf(fold.position().arrivalMs)) await publish(record);
        fold.apply(record);
        last = record;
      }
      if (last !== undefined && last.seq - snapshotSeq >= deps.snapshotEveryRecords) {
        snapshotSeq = last.seq;
        await snapshots.write(fold, last, journal.placeFor(last.seq));
      }
    }
  };
  follow().catch((error: unknown) => {
    if (!stopped) fail(error);
  });

  const progress = (): SharedProgress => {
    const [head, gap, problem] = [journal.head(), journal.gap(), projector?.problem()];
    return {
      head,
      lag: projector?.lag() ?? { records: 0, ms: 0 },
      ...(problem && { ledgerProblem: toldProblem(problem) }),
      ...(gap && { gap }),
    };
  };
  const repeated = [
    repeat(TELL_MS, () => tellProgress(state, progress()), () => undefined), // the store is away: others see that too
    repeat(RECORD_RUNS_MS, recordRuns, (error) => log.warn({ error }, 'training runs are not on record yet; trying again')),
    repeat(SEAL_MS, deps.seal, (error) => log.warn({ error }, 'the journal was not sealed; trying again')),
  ]; // prettier-ignore
  log.info({ headSeq: journal.head().seq }, 'this process leads: it follows the journal for all');
  return {
    failed,
    async stop() {
      stopped = true;
      await Promise.all([projector?.stop(), ...repeated.map((each) => each.stop())]);
      await Promise.all([journal.close(), writer.close()]);
      log.info({}, 'this process leads no more');
    },
  };
}

function toldProblem(error: Error): NonNullable<SharedProgress['ledgerProblem']> {
  return error instanceof SentinelError ? { message: error.message, remedy: error.remedy } : { message: error.message };
}

/** The journal from where it must be read, and the state before the first record that is not folded yet. */
async function openState(
  { settings, snapshots, ledger, openJournal }: FollowDeps,
  onFailure: (error: Error) => void,
): Promise<{ readonly fold: Fold; readonly journal: SharedKafkaJournal }> {
  const fold = createFold(createFeatureEngine(settings));
  const snapshot = await snapshots.newest(fold);
  const place = snapshot?.place === undefined ? undefined : readPlace(snapshot.place);
  if (snapshot !== undefined && place !== undefined && place.seq <= Math.max(1, await positionOf(ledger))) {
    const journal = await openJournal(place, onFailure);
    const first = await orClosed(journal, firstRecord(journal, snapshot.seq));
    if (first?.seq === snapshot.seq && snapshots.isOf(snapshot, first)) {
      fold.restore(snapshot.payload);
      return { fold, journal };
    }
    await journal.close();
  }
  return { fold, journal: await openJournal(undefined, onFailure) };
}

/** What the work resolves to; a journal that nobody will follow is closed, or it would be read on for ever. */
async function orClosed<T>(journal: SharedKafkaJournal, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function firstRecord(journal: SharedKafkaJournal, fromSeq: number): Promise<JournalRecord | undefined> {
  for await (const [first] of journal.read(fromSeq)) return first;
  return undefined;
}

async function positionOf(ledger: FollowDeps['ledger']): Promise<number> {
  if (ledger === undefined) return Infinity;
  return Promise.race([ledger.store.position(JOURNAL_SOURCE).catch(() => 0), sleep(POSITION_MS, 0, { ref: false })]);
}
