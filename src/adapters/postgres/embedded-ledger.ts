/** The ledger without a server: PGlite in a thread of its own, so that scoring never waits for it. */
import { type Worker } from 'node:worker_threads';
import { SentinelError } from '../../domain/errors.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { type LedgerStore } from '../../ports/ledger-store.ts';
import { lockDirectory } from './directory-lock.ts';
import { packRecords } from './packed-records.ts';
import { startThread } from './start-thread.ts';
import {
  type LedgerFailure,
  type LedgerReply,
  type LedgerRequest,
  type ReadMethod,
  type WorkerSettings,
} from './worker-messages.ts';

export interface EmbeddedLedger {
  /** Its methods reject NOT_READY until `ready`, except `close`. */
  readonly store: LedgerStore;
  /** Resolves when the database is open; `rebuilding` when a damaged one was thrown away and is empty again. */
  readonly ready: Promise<{ readonly rebuilding: boolean }>;
  isReady(): boolean;
}

type Unsent = LedgerRequest extends infer R ? (R extends LedgerRequest ? Omit<R, 'id'> : never) : never;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

function errorOf({ code, details, message }: LedgerFailure): Error {
  return code === undefined ? new Error(`Ledger: ${message}`) : new SentinelError(code, details);
}

/** A line to the worker: one promise a request, all rejected when the thread ends. */
function connect(worker: Worker): {
  readonly opened: Promise<{ readonly rebuilding: boolean }>;
  request(message: Unsent, transfer?: readonly ArrayBuffer[]): Promise<unknown>;
} {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let ended: Error | undefined;
  const opened = new Promise<{ readonly rebuilding: boolean }>((resolve, reject) => {
    const end = (error: Error): void => {
      ended = error;
      reject(error);
      for (const each of waiting.values()) each.reject(error);
      waiting.clear();
    };
    worker.on('message', (reply: LedgerReply) => {
      if (reply.kind === 'opened') return resolve({ rebuilding: reply.rebuilding });
      if (reply.kind === 'unopened') return end(errorOf(reply.failure));
      const each = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.kind === 'answer') each?.resolve(reply.value);
      else each?.reject(errorOf(reply.failure));
    });
    worker.on('error', end);
    worker.on('exit', (code) => end(new Error(`Ledger: its thread ended with code ${code}`)));
  });
  return {
    opened,
    request: (message, transfer = []) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ ...message, id } as LedgerRequest, transfer); // Unsent is a request without its id
      }),
  };
}

/**
 * Starts the ledger in `directory` (in memory without one) and returns at once: a new directory takes some seconds,
 * an existing one half a second. ALREADY_RUNNING when another process has the directory.
 */
export function startEmbeddedLedger(settings: WorkerSettings): EmbeddedLedger {
  const unlock = settings.directory === undefined ? undefined : lockDirectory(settings.directory);
  const worker = startThread('worker', settings);
  const line = connect(worker);
  let open = false;
  const ready = line.opened.then((state) => {
    open = true;
    return state;
  });
  ready.catch(() => undefined); // whoever awaits `ready` hears of it; nobody else must crash

  const request = (message: Unsent, transfer?: readonly ArrayBuffer[]): Promise<unknown> =>
    open
      ? line.request(message, transfer)
      : Promise.reject(new SentinelError('NOT_READY', { reason: 'the ledger is starting' }));
  const ask =
    <M extends ReadMethod>(method: M) =>
    (...parameters: Parameters<LedgerStore[M]>): ReturnType<LedgerStore[M]> =>
      request({ method, parameters }) as ReturnType<LedgerStore[M]>; // the worker calls the same method

  const store: LedgerStore = {
    position: ask('position'),
    async project(records: readonly JournalRecord[]) {
      const packed = packRecords(records);
      await request({ method: 'project', records: packed }, [packed.numbers.buffer]);
    },
    decisions: ask('decisions'),
    entityPayments: ask('entityPayments'),
    entity: ask('entity'),
    labels: ask('labels'),
    stats: ask('stats'),
    async reset() {
      await request({ method: 'reset' });
    },
    async close() {
      try {
        if (await ready.then(() => true).catch(() => false)) await line.request({ method: 'close' });
      } finally {
        open = false;
        await worker.terminate();
        unlock?.();
      }
    },
  };
  return { store, ready, isReady: () => open };
}
