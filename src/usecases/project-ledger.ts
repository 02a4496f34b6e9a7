/** Keeps the ledger up with the journal, at its own pace: scoring never waits, memory stays bounded. */
import { type JournalRecord } from '../journal/record.ts';
import { type Clock } from '../ports/clock.ts';
import { type Journal } from '../ports/journal.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';

export interface LedgerProjectorOptions {
  /** Share of one processor core the projection may use, 0 < share ≤ 1. */
  readonly cpuShare: number;
  /** Records kept in memory while waiting; beyond, they are read back from the journal. */
  readonly queueLimit?: number;
}

export interface LedgerProjectorDeps {
  readonly journal: Pick<Journal, 'head' | 'read' | 'subscribe'>;
  readonly ledger: Pick<LedgerStore, 'position' | 'project' | 'reset'>;
  readonly clock: Clock;
  /** Resolves after `ms`; may let go of its timer when `signal` aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each failed attempt; the projector goes on trying. */
  readonly onError: (error: unknown) => void;
  /** Told when the ledger was ahead of the journal and is therefore projected anew. */
  readonly onReset?: (position: number, head: number) => void;
}

export interface ProjectionLag {
  /** Committed records not in the ledger. */
  readonly records: number;
  /** Age of the oldest of them by its arrival; 0 when there are none. */
  readonly ms: number;
}

export interface LedgerProjector {
  lag(): ProjectionLag;
  /** Resolves when everything committed before the call is in the ledger; rejects when stopped before. */
  flush(): Promise<void>;
  /** Resolves when the batch in hand is written; nothing is written after. */
  stop(): Promise<void>;
}

/** A transaction longer than this would keep questions waiting. */
const BATCH_TARGET_MS = 10;
const FIRST_BATCH_RECORDS = 25;
const LARGEST_BATCH_RECORDS = 500;
/** At low load records gather this long, so that a transaction is not spent on each; recent ones are read from memory. */
const GATHER_MS = 50;
/** Few: objects that live long cost the scoring thread pauses of its collector, and the journal is read back cheaply. */
const DEFAULT_QUEUE_LIMIT = 1_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** Records in blocks as they were committed, handed out in batches of any size. */
function createQueue(): {
  size(): number;
  push(block: readonly JournalRecord[]): void;
  take(count: number): readonly JournalRecord[];
  clear(): void;
} {
  let blocks: (readonly JournalRecord[])[] = [];
  let offset = 0;
  let size = 0;
  return {
    size: () => size,
    push(block) {
      blocks.push(block);
      size += block.length;
    },
    take(count) {
      const batch: JournalRecord[] = [];
      let used = 0;
      while (used < blocks.length && batch.length < count) {
        const part = blocks[used]!.slice(offset, offset + count - batch.length);
        batch.push(...part);
        offset += part.length;
        if (offset === blocks[used]!.length) {
          used++;
          offset = 0;
        }
      }
      blocks = blocks.slice(used);
      size -= batch.length;
      return batch;
    },
    clear() {
      blocks = [];
      offset = 0;
      size = 0;
    },
  };
}

/** How many records the next batch may hold, from how long the last ones took. */
function nextBatchSize(size: number, tookMs: number): number {
  const factor = Math.min(1.5, Math.max(0.5, BATCH_TARGET_MS / Math.max(1, tookMs)));
  return Math.round(Math.min(LARGEST_BATCH_RECORDS, Math.max(1, size * factor)));
}

/**
 * Starts projecting at once: first from the journal, from the ledger's position on, then as records are committed.
 * When the queue overflows or a projection fails, it is dropped and the journal read again.
 */
export function createLedgerProjector(
  { journal, ledger, clock, pause, onError, onReset }: LedgerProjectorDeps,
  { cpuShare, queueLimit = DEFAULT_QUEUE_LIMIT }: LedgerProjectorOptions,
): LedgerProjector {
  const queue = createQueue();
  let position = 0;
  let behind = true;
  const stopping = new AbortController();
  const isStopped = (): boolean => stopping.signal.aborted;
  /** The batch being written. */
  let inHand: Promise<void> = Promise.resolve();
  let batchSize = FIRST_BATCH_RECORDS;
  /** Arrival of the oldest record not projected, as far as known. */
  let oldestMs: number | undefined;
  let wake = (): void => undefined;
  let endRest = (): void => undefined;
  let flushes: { readonly seq: number; resolve(): void; reject(error: unknown): void }[] = [];

  const unsubscribe = journal.subscribe((block) => {
    oldestMs ??= block[0]?.arrivalMs;
    if (!behind) {
      queue.push(block);
      if (queue.size() > queueLimit) fallBehind();
    }
    wake();
  });

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      endRest = resolve;
      pause(ms, stopping.signal).then(resolve, () => resolve());
    });

  function fallBehind(): void {
    behind = true;
    queue.clear();
  }

  function settleFlushes(): void {
    const [done, waiting] = [flushes.filter(({ seq }) => seq <= position), flushes.filter(({ seq }) => seq > position)];
    flushes = waiting;
    for (const { resolve } of done) resolve();
  }

  async function projectBatch(batch: readonly JournalRecord[]): Promise<void> {
    const startUs = clock.monotonicUs();
    inHand = ledger.project(batch);
    await inHand;
    const tookMs = (clock.monotonicUs() - startUs) / 1000;
    const last = batch.at(-1)!;
    position = last.seq;
    oldestMs = position >= journal.head().seq ? undefined : last.arrivalMs;
    if (batch.length >= batchSize || tookMs > BATCH_TARGET_MS) batchSize = nextBatchSize(batchSize, tookMs);
    settleFlushes();
    if (cpuShare < 1) await rest((tookMs * (1 - cpuShare)) / cpuShare);
  }

  /** Projects from the journal until nothing committed is left; after that, subscription misses nothing. */
  async function catchUp(): Promise<void> {
    position = await ledger.position();
    if (position > journal.head().seq) {
      onReset?.(position, journal.head().seq);
      await ledger.reset();
      position = 0;
    }
    settleFlushes();
    while (!isStopped() && journal.head().seq > position) {
      for await (const records of journal.read(position + 1)) {
        for (let start = 0; start < records.length && !isStopped();) {
          const batch = records.slice(start, start + batchSize);
          start += batch.length;
          await projectBatch(batch);
        }
        if (isStopped()) break;
      }
    }
    if (!isStopped()) behind = false;
  }

  async function follow(): Promise<void> {
    if (queue.size() === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isStopped() || behind) resolve();
      });
      wake = () => undefined;
      if (cpuShare < 1 && flushes.length === 0 && !isStopped()) await rest(GATHER_MS);
    }
    while (queue.size() > 0 && !behind && !isStopped()) await projectBatch(queue.take(batchSize));
  }

  async function run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!isStopped()) {
      try {
        await (behind ? catchUp() : follow());
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        fallBehind();
        if (isStopped()) break;
        onError(error);
        await rest(retryMs);
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      }
    }
  }
  void run();

  return {
    lag() {
      const records = Math.max(0, journal.head().seq - position);
      return { records, ms: records === 0 || oldestMs === undefined ? 0 : Math.max(0, clock.nowMs() - oldestMs) };
    },
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
      await inHand.catch(() => undefined); // reported by the loop, or the position says it is not in
      for (const { reject } of flushes) reject(new Error('The projector is stopped'));
      flushes = [];
    },
  };
}
