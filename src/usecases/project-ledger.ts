/** Keeps the ledger up with the journal, at its own pace: scoring never waits, memory stays bounded. */
import { viewOf } from '../journal/bytes.ts';
import { frameArrivalMs, surveyFrames } from '../journal/frame.ts';
import { JOURNAL_SOURCE } from '../ledger/source.ts';
import { type Clock } from '../ports/clock.ts';
import { type Journal } from '../ports/journal.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';
import { requireSameJournal, type SameJournalDeps } from './same-journal.ts';

export interface LedgerProjectorOptions {
  /** Share of one processor core the projection may use, 0 < share ≤ 1. */
  readonly cpuShare: number;
  /**
   * How long a batch may take, the length of a transaction that questions to an embedded ledger wait for; default 10 ms, and
   * up to five times as long while the ledger is behind: what a transaction costs however small it is then matters more.
   */
  readonly batchTargetMs?: number;
  /** How long records gather at low load, so that a transaction is not spent on each; recent ones are read from memory. Default 50 ms. */
  readonly gatherMs?: number;
}

/**
 * On a server nothing waits for a batch, and each costs some ten round trips and a sync, however small it is: they are large,
 * however long they take. Half of that time, and more, is the server's, so it may take twice the share.
 */
export const serverPace = (cpuShare: number): LedgerProjectorOptions => ({
  cpuShare: Math.min(1, 2 * cpuShare),
  batchTargetMs: Infinity,
  gatherMs: 250,
});

export interface LedgerProjectorDeps {
  readonly journal: Pick<Journal, 'head' | 'tail' | 'subscribe'>;
  readonly ledger: Pick<LedgerStore, 'position' | 'lastRecord' | 'project'>;
  readonly places: SameJournalDeps['places'];
  readonly clock: Clock;
  /** Resolves after `ms`; may let go of its timer when `signal` aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each failed attempt; the projector goes on trying. */
  readonly onError: (error: unknown) => void;
}

export interface ProjectionLag {
  /** Committed records not in the ledger. */
  readonly records: number;
  /** Age of the oldest of them by its arrival; 0 when there are none. */
  readonly ms: number;
}

export interface LedgerProjector {
  lag(): ProjectionLag;
  /** Why the last attempt failed; undefined since one succeeded. */
  problem(): Error | undefined;
  /** Resolves when everything committed before the call is in the ledger; rejects when stopped before. */
  flush(): Promise<void>;
  /**
   * Resolves when the batch in hand is written, or after seconds without an answer: the ledger may then still take it,
   * with its position. No other is begun.
   */
  stop(): Promise<void>;
}

/** A transaction longer than this would keep questions waiting. */
const BATCH_TARGET_MS = 10;
/** How many times as long it may be at most, and the share of the lag it may be before that. */
const LONGEST_STRETCH = 5;
const STRETCH_OF_LAG = 1 / 20;
const FIRST_BATCH_RECORDS = 25;
const LARGEST_BATCH_RECORDS = 500;
const GATHER_MS = 50;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** A server that does not answer must leave time for a last snapshot. */
const LONGEST_STOP_MS = 3_000;

/** How many records the next batch may hold, from how long the last ones took. */
function nextBatchSize(size: number, tookMs: number, targetMs: number): number {
  const factor = Math.min(1.5, Math.max(0.5, targetMs / Math.max(1, tookMs)));
  return Math.round(Math.min(LARGEST_BATCH_RECORDS, Math.max(1, size * factor)));
}

/**
 * Starts projecting at once, from the ledger's position on. Records reach the ledger as the bytes they are in the
 * journal: the scoring thread neither keeps them nor decodes them again. After a failure the position is asked anew.
 * A ledger with records of another journal stays as it is, with an error each time, until one of the two is replaced.
 */
export function createLedgerProjector(
  { journal, ledger, places, clock, pause, onError }: LedgerProjectorDeps,
  { cpuShare, batchTargetMs = BATCH_TARGET_MS, gatherMs = GATHER_MS }: LedgerProjectorOptions,
): LedgerProjector {
  let position = 0;
  const stopping = new AbortController();
  const isStopped = (): boolean => stopping.signal.aborted;
  /** The batch being written. */
  let inHand: Promise<unknown> = Promise.resolve();
  let batchSize = FIRST_BATCH_RECORDS;
  /** Arrival of the oldest record not projected, as far as known. */
  let oldestMs: number | undefined;
  let problem: Error | undefined;
  let wake = (): void => undefined;
  let endRest = (): void => undefined;
  let flushes: { readonly seq: number; resolve(): void; reject(error: unknown): void }[] = [];

  const unsubscribe = journal.subscribe((frames) => {
    oldestMs ??= frameArrivalMs(viewOf(frames), 0);
    wake();
  });

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      endRest = resolve;
      pause(ms, stopping.signal).then(resolve, () => resolve());
    });

  function lag(): ProjectionLag {
    const records = Math.max(0, journal.head().seq - position);
    return { records, ms: records === 0 || oldestMs === undefined ? 0 : Math.max(0, clock.nowMs() - oldestMs) };
  }

  function settleFlushes(): void {
    const [done, waiting] = [flushes.filter(({ seq }) => seq <= position), flushes.filter(({ seq }) => seq > position)];
    flushes = waiting;
    for (const { resolve } of done) resolve();
  }

  async function projectBatch(frames: Uint8Array<ArrayBuffer>): Promise<void> {
    const { count, lastSeq, lastArrivalMs } = surveyFrames(frames);
    const targetMs = Math.max(batchTargetMs, Math.min(LONGEST_STRETCH * batchTargetMs, STRETCH_OF_LAG * lag().ms));
    const startUs = clock.monotonicUs();
    const projected = ledger.project({ source: JOURNAL_SOURCE, after: position, upTo: lastSeq, frames });
    inHand = projected;
    const busyMs = await projected;
    const tookMs = (clock.monotonicUs() - startUs) / 1000;
    const workMs = busyMs ?? tookMs;
    position = lastSeq;
    oldestMs = position >= journal.head().seq ? undefined : lastArrivalMs;
    if (count >= batchSize || workMs > targetMs) batchSize = nextBatchSize(batchSize, workMs, targetMs);
    settleFlushes();
    const restMs = workMs / cpuShare - tookMs; // waiting for the processor is rest too
    if (restMs > 0) await rest(restMs);
  }

  /** Sets the position to the ledger's, where it holds this journal. */
  async function findPosition(): Promise<void> {
    const found = await ledger.position(JOURNAL_SOURCE);
    await requireSameJournal({ journal, ledger, places }, found);
    position = found;
    problem = undefined;
    settleFlushes();
  }

  /** Resolves when there is more to project, or reason to stop. */
  async function more(): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (isStopped() || journal.head().seq > position) resolve();
    });
    wake = () => undefined;
    if (flushes.length === 0 && !isStopped()) await rest(gatherMs);
  }

  async function run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!isStopped()) {
      try {
        await findPosition();
        const tail = journal.tail(position + 1);
        while (!isStopped()) {
          const frames = await tail.take(batchSize);
          if (isStopped()) break;
          if (frames.length === 0) await more();
          else await projectBatch(frames);
          retryMs = FIRST_RETRY_MS;
        }
      } catch (error) {
        if (isStopped()) break;
        problem = error instanceof Error ? error : new Error(String(error));
        onError(error);
        await rest(retryMs);
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      }
    }
  }
  void run();

  return {
    lag,
    problem: () => problem,
    flush() {
      const { seq } = journal.head();
      if (seq <= position) return Promise.resolve();
      if (isStopped()) return Promise.reject(new Error('The projector is stopped'));
      return new Promise((resolve, reject) => {
        flushes.push({ seq, resolve, reject });
        wake();
      });
    },
    async stop() {
      stopping.abort();
      unsubscribe();
      wake();
      endRest();
      const waiting = new AbortController();
      const ended = inHand.catch(() => undefined); // reported by the loop, or the position says it is not in
      await Promise.race([ended, pause(LONGEST_STOP_MS, waiting.signal)]);
      waiting.abort();
      for (const { reject } of flushes) reject(new Error('The projector is stopped'));
      flushes = [];
    },
  };
}
