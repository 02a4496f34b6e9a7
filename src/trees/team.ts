/** Threads in lock-step over one shared memory, or this thread alone where there can be no others. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Arena, createArena, type GrowingMemory, MOST_PAGES } from './arena.ts';
import { ARRIVED, CALL, FAILED, JOB, JOB_END, MOST_THREADS } from './job.ts';

export interface Team {
  readonly arena: Arena;
  /** Threads there may be at most; those that have not started yet join at a later job. */
  readonly mostThreads: number;
  /** How many have started by now. */
  threads(): number;
  /** Does one of the jobs of job.ts on all threads that have arrived; returns when it is done. */
  run(job: number): void;
  /** Ends the other threads. */
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
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => GrowingMemory;
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

let compiled: object | undefined;

/**
 * Opens a team of up to `mostThreads`, this thread included; by default as many as the machine runs at once. Which
 * threads take part, and when they join, changes nothing in what is computed.
 */
export function openTeam(mostThreads = availableParallelism()): Team {
  compiled ??= new WebAssembly.Module(readFileSync(KERNELS_URL));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  const kernels = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Kernels;
  const arena = createArena(memory);
  const wanted = Math.min(mostThreads, MOST_THREADS);
  const workers = startWorkers(wanted - 1, { module: compiled, memory });
  const words = new Int32Array(memory.buffer);
  let calls = 0;
  const arrived = (): number => 1 + Atomics.load(words, ARRIVED / 4);

  function call(job: number, threads: number): void {
    arena.set(JOB, job);
    calls = (calls + CALL_STEP) | 0;
    Atomics.store(words, CALL / 4, calls | threads);
    Atomics.notify(words, CALL / 4);
  }

  return {
    arena,
    mostThreads: workers.length + 1,
    threads: arrived,
    run(job) {
      const threads = arrived();
      if (threads > 1) call(job, threads);
      else arena.set(JOB, job);
      try {
        kernels.work(threads);
      } catch (error) {
        Atomics.store(words, FAILED / 4, 1); // releases the others from their barrier
        throw error;
      }
    },
    close() {
      if (workers.length > 0) call(JOB_END, MOST_THREADS);
      for (const worker of workers) worker.unref();
    },
  };
}

/** None where threads are not allowed: under `--permission` without `--allow-worker`, or when no memory is left. */
function startWorkers(count: number, workerData: object): Worker[] {
  const workers: Worker[] = [];
  try {
    while (workers.length < count) {
      const worker = new Worker(WORKER_SOURCE, { eval: true, workerData, execArgv: [], stdout: false, stderr: false });
      worker.on('error', () => undefined); // `fail` has told this thread already, which waits in a kernel
      worker.unref();
      workers.push(worker);
    }
  } catch {
    return workers;
  }
  return workers;
}
