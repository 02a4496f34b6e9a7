/** Threads in lock-step over one shared memory, or this thread alone where there can be no others. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Arena, createArena, MOST_BYTES } from './arena.ts';
import { ARRIVED, CALL, FAILED, JOB, JOB_END, MOST_THREADS } from './job.ts';

export interface Team {
  readonly arena: Arena;
  /** Threads there may be at most; those that have not started yet join at a later job. */
  readonly mostThreads: number;
  /** How many have started by now. */
  threads(): number;
  /** Does one of the jobs of job.ts on all threads that have arrived; returns when it is done. */
  run(job: number): void;
  /** Gives memory and threads back, for the next team. */
  close(): void;
}

/** What the kernels export; see kernels/index.ts. */
interface Kernels {
  work(threads: number): void;
}

/** TypeScript's library knows WebAssembly only together with the browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (pages: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: ArrayBufferLike;
  };
};

/** Built next to this file in dist; sources run with what was built there. */
const KERNELS_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/trees/kernels.wasm' : './kernels.wasm',
  import.meta.url,
);

/** Runs in a worker. It is plain text so that it needs no loader and no file: a worker is there in milliseconds. */
const WORKER_SOURCE = `
const { workerData: { module, memory } } = require('node:worker_threads');
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
try {
  exports.serve();
} catch (error) {
  exports.fail();
  throw error;
}`;

/** A call is a count of jobs above one byte for the number of threads. */
const CALL_STEP = 256;
const PAGE_BYTES = 65_536;

/** As many threads as the machine runs at once, as far as a team can use them. */
export const usefulThreads = (): number => Math.min(availableParallelism(), MOST_THREADS);

/** A memory, the kernels over it and the other threads that share it. */
interface Crew {
  readonly buffer: ArrayBufferLike;
  readonly kernels: Kernels;
  readonly words: Int32Array;
  /** What a worker needs to join. */
  readonly workerData: object;
  readonly workers: Worker[];
  calls: number;
}

let compiled: object | undefined;
/**
 * The crew of the last team that was closed: the next takes it over, because V8 is slow to give a shared memory back
 * and a thread takes some 40 ms to start (measured: 500 fits in a row kept 1.8 GB).
 */
let idle: Crew | undefined;

/**
 * Opens a team of up to `mostThreads`, this thread included, over a memory of at least `bytes`, whose content is
 * arbitrary. Which threads take part, and when they join, changes nothing in what is computed.
 */
export function openTeam(mostThreads: number, bytes: number): Team {
  const crew = takeCrew(Math.min(bytes, MOST_BYTES));
  startWorkers(crew, Math.min(mostThreads, MOST_THREADS) - 1);
  const arena = createArena(crew.buffer);
  const most = Math.min(mostThreads, crew.workers.length + 1);
  const threads = (): number => Math.min(most, 1 + Atomics.load(crew.words, ARRIVED / 4));
  return {
    arena,
    mostThreads: most,
    threads,
    run(job) {
      const taking = threads();
      call(crew, job, taking);
      try {
        crew.kernels.work(taking);
      } catch (error) {
        Atomics.store(crew.words, FAILED / 4, 1); // releases the others from their barrier
        throw error;
      }
    },
    close() {
      const isSound = Atomics.load(crew.words, FAILED / 4) === 0;
      const kept = isSound && crew.buffer.byteLength >= (idle?.buffer.byteLength ?? 0) ? crew : idle;
      for (const other of [crew, idle]) if (other !== undefined && other !== kept) call(other, JOB_END, MOST_THREADS);
      idle = kept;
    },
  };
}

/** The idle crew if its memory suffices, else a new one. */
function takeCrew(bytes: number): Crew {
  const found = idle;
  idle = undefined;
  if (found !== undefined && found.buffer.byteLength >= bytes) return found;
  if (found !== undefined) call(found, JOB_END, MOST_THREADS);
  compiled ??= new WebAssembly.Module(readFileSync(KERNELS_URL));
  // The memory never grows: a thread may learn late of its new size (in V8, a bulk copy then fails). Pages that are not
  // touched take no room.
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const { buffer } = memory;
  const workerData = { module: compiled, memory };
  return { buffer, kernels: exports as Kernels, words: new Int32Array(buffer), workerData, workers: [], calls: 0 };
}

function call(crew: Crew, job: number, threads: number): void {
  Atomics.store(crew.words, JOB / 4, job);
  crew.calls = (crew.calls + CALL_STEP) | 0;
  Atomics.store(crew.words, CALL / 4, crew.calls | threads);
  Atomics.notify(crew.words, CALL / 4);
}

/** None where threads are not allowed: under `--permission` without `--allow-worker`, or when no memory is left. */
function startWorkers({ workers, workerData }: Crew, count: number): void {
  try {
    while (workers.length < count) {
      const worker = new Worker(WORKER_SOURCE, { eval: true, workerData, execArgv: [] });
      worker.on('error', () => undefined); // `fail` has told this thread already, which waits in a kernel
      worker.unref();
      workers.push(worker);
    }
  } catch {
    return;
  }
}
