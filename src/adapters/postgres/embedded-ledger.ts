/** The ledger without a server: PGlite in a process of its own, so that scoring never waits for it. */
import { SentinelError } from '../../domain/errors.ts';
import { type LedgerStore } from '../../ports/ledger-store.ts';
import { lockDirectory } from './directory-lock.ts';
import { errorOf } from '../system/failure.ts';
import { type StartedProcess, startProcess } from '../system/start-process.ts';
import { type LedgerReply, type LedgerRequest, type ReadMethod, type WorkerSettings } from './worker-messages.ts';

export interface EmbeddedLedger {
  /** Until `ready`, questions reject NOT_READY and what the projector calls waits. */
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

const unavailable = (reason: string): Error => new SentinelError('NOT_READY', { reason });

/** A line to the process: one promise a request, all rejected when it ends. */
function connect(worker: StartedProcess): {
  readonly opened: Promise<{ readonly rebuilding: boolean }>;
  isOpen(): boolean;
  request(message: Unsent): Promise<unknown>;
} {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  /** Why requests are refused; undefined while they are taken. */
  let refusal: Error | undefined = unavailable('the ledger is starting');
  const opened = new Promise<{ readonly rebuilding: boolean }>((resolve, reject) => {
    const end = (error: Error): void => {
      refusal = error;
      reject(error);
      for (const each of waiting.values()) each.reject(error);
      waiting.clear();
    };
    worker.on('message', (message) => {
      const reply = message as LedgerReply; // the process sends nothing else
      if (reply.kind === 'opened') {
        refusal = undefined;
        return resolve({ rebuilding: reply.rebuilding });
      }
      if (reply.kind === 'unopened') return end(unavailable(`the ledger did not open: ${reply.failure.message}`));
      const each = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.kind === 'answer') each?.resolve(reply.value);
      else each?.reject(errorOf(reply.failure));
    });
    worker.onExit((how) => end(unavailable(`the ledger’s process ended: ${how}`)));
  });
  opened.catch(() => undefined); // whoever awaits it hears of it; nobody else must crash
  return {
    opened,
    isOpen: () => refusal === undefined,
    request: (message) =>
      new Promise((resolve, reject) => {
        if (refusal !== undefined) return reject(refusal);
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ ...message, id } as LedgerRequest); // Unsent is a request without its id
      }),
  };
}

/**
 * Starts the ledger in `directory` (in memory without one) and returns at once: a new directory takes some seconds,
 * an existing one half a second. ALREADY_RUNNING when another process has the directory.
 */
export function startEmbeddedLedger(settings: WorkerSettings): EmbeddedLedger {
  const unlock = settings.directory === undefined ? undefined : lockDirectory(settings.directory);
  const worker = startProcess(new URL('./ledger-process', import.meta.url), settings);
  const line = connect(worker);
  const ready = line.opened;

  const ask =
    <M extends ReadMethod>(method: M) =>
    (...parameters: Parameters<LedgerStore[M]>): ReturnType<LedgerStore[M]> =>
      line.request({ method, parameters }) as ReturnType<LedgerStore[M]>; // the worker calls the same method

  const store: LedgerStore = {
    async position() {
      await ready;
      return ask('position')();
    },
    async project(frames) {
      await ready;
      await line.request({ method: 'project', frames });
    },
    decisions: ask('decisions'),
    entityPayments: ask('entityPayments'),
    entity: ask('entity'),
    labels: ask('labels'),
    stats: ask('stats'),
    async reset() {
      await ready;
      await line.request({ method: 'reset' });
    },
    async close() {
      try {
        if (line.isOpen()) await line.request({ method: 'close' }); // one that is still opening holds nothing worth waiting for
      } finally {
        await worker.terminate();
        unlock?.();
      }
    },
  };
  return { store, ready, isReady: line.isOpen };
}
