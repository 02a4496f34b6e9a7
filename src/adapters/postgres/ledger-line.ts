/** The line from the service to the ledger's process: one promise a request, all rejected when it ends. */
import { SentinelError } from '../../domain/errors.ts';
import { type LedgerState, type LedgerStore, type RecordMark, type RunningLedger } from '../../ports/ledger-store.ts';
import { errorOf, type Failure } from '../system/failure.ts';
import { createPendingCalls } from '../system/pending-calls.ts';
import { type StartedProcess } from '../system/start-process.ts';
import { type LedgerReply, type LedgerRequest, type ReadMethod } from './worker-messages.ts';

/** A process that hangs on a server out of reach must not keep the service. */
const CLOSE_TIMEOUT_MS = 5_000;

type Unsent = LedgerRequest extends infer R ? (R extends LedgerRequest ? Omit<R, 'id'> : never) : never;

const unavailable = (reason: string): Error => new SentinelError('NOT_READY', { reason });

/** A ledger that did not open says why; one that refuses is as the error says. */
function unopened(failure: Failure): Error {
  const { code, message } = failure;
  const isTold = code === 'DATABASE_UNAVAILABLE' || code === 'DATABASE_REFUSED';
  return isTold ? errorOf(failure) : unavailable(`the ledger did not open: ${message}`);
}

interface Line {
  readonly opened: RunningLedger['ready'];
  state(): LedgerState;
  /** Whether requests are taken; they may fail while the database is away. */
  isOpen(): boolean;
  request(message: Unsent): Promise<unknown>;
}

function connect(worker: StartedProcess, onNotice: (text: string) => void): Line {
  const calls = createPendingCalls<unknown>();
  let state: LedgerState = 'starting';
  /** Why requests are refused; undefined while they are taken. */
  let refusal: Error | undefined = unavailable('the ledger is starting');
  const opened = new Promise<{ readonly rebuilding: boolean }>((resolve, reject) => {
    const end = (error: Error): void => {
      state = 'disconnected';
      refusal = error;
      reject(error);
      calls.rejectAll(error);
    };
    worker.on('message', (message) => {
      const reply = message as LedgerReply; // the process sends nothing else
      switch (reply.kind) {
        case 'opened':
          [state, refusal] = ['connected', undefined];
          return resolve({ rebuilding: reply.rebuilding });
        case 'unopened':
          return end(unopened(reply.failure));
        case 'state':
          state = reply.state;
          return onNotice(reply.notice);
        case 'answer':
          return calls.resolve(reply.id, reply.value);
        case 'failure':
          return calls.reject(reply.id, errorOf(reply.failure));
      }
    });
    worker.onExit((how) => end(unavailable(`the ledger’s process ended: ${how}`)));
  });
  opened.catch(() => undefined); // whoever awaits it hears of it; nobody else must crash
  return {
    opened,
    state: () => state,
    isOpen: () => refusal === undefined,
    request: (message) =>
      refusal === undefined
        ? calls.begin((id) => worker.postMessage({ ...message, id } as LedgerRequest)) // Unsent is a request without its id
        : Promise.reject(refusal),
  };
}

export interface LedgerLineOptions {
  /** Called once when the process has ended. */
  readonly onClosed?: () => void;
  /** Told when the database goes away or comes back. */
  readonly onNotice?: (text: string) => void;
}

/** The ledger that `worker` keeps. */
export function createLedgerLine(worker: StartedProcess, options: LedgerLineOptions = {}): RunningLedger {
  const { onClosed = () => undefined, onNotice = () => undefined } = options;
  const line = connect(worker, onNotice);
  const ready = line.opened;

  const ask =
    <M extends ReadMethod>(method: M) =>
    async (...parameters: Parameters<LedgerStore[M]>): Promise<Awaited<ReturnType<LedgerStore[M]>>> => {
      if (line.state() === 'disconnected') throw unavailable('the ledger’s database is out of reach');
      return (await line.request({ method, parameters })) as Awaited<ReturnType<LedgerStore[M]>>; // the process calls the same method
    };

  const store: LedgerStore = {
    async position(source) {
      await ready;
      return (await line.request({ method: 'position', parameters: [source] })) as number; // the process calls the same method
    },
    async lastRecord(source) {
      await ready;
      return (await line.request({ method: 'lastRecord', parameters: [source] })) as RecordMark | undefined; // the process calls the same method
    },
    async project(batch) {
      await ready;
      await line.request({ method: 'project', batch });
    },
    decisions: ask('decisions'),
    entityPayments: ask('entityPayments'),
    entity: ask('entity'),
    labels: ask('labels'),
    search: ask('search'),
    stats: ask('stats'),
    series: ask('series'),
    breakdown: ask('breakdown'),
    async reset() {
      await ready;
      await line.request({ method: 'reset' });
    },
    async close() {
      let timer: NodeJS.Timeout | undefined;
      try {
        const patience = new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
        // One that is still opening holds nothing worth waiting for.
        if (line.isOpen()) await Promise.race([line.request({ method: 'close' }), patience]);
      } finally {
        clearTimeout(timer);
        await worker.terminate();
        onClosed();
      }
    },
  };
  return { store, ready, state: line.state };
}
