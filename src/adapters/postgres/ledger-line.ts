/** The line from the service to the ledger's process: one promise a request, all rejected when it ends; then it is started again. */
import { SentinelError } from '../../domain/errors.ts';
import { type LedgerState, type LedgerStore, type RecordMark, type RunningLedger } from '../../ports/ledger-store.ts';
import { errorOf, type Failure } from '../system/failure.ts';
import { createPendingCalls } from '../system/pending-calls.ts';
import { type StartedProcess } from '../system/start-process.ts';
import { type LedgerReply, type LedgerRequest, type ReadMethod } from './worker-messages.ts';

/** A process that hangs on a server out of reach must not keep the service. */
const CLOSE_TIMEOUT_MS = 5_000;
/** A process that ended by itself (the system wanted its memory, somebody killed it) comes back after so long. */
const FIRST_RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 60_000;

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
  /** Ends the process for good. */
  end(): Promise<void>;
}

function connect(start: () => StartedProcess, onNotice: (text: string) => void, isPatient: boolean): Line {
  const calls = createPendingCalls<unknown>();
  let worker: StartedProcess;
  let state: LedgerState = 'starting';
  /** Why requests are refused; undefined while they are taken. */
  let refusal: Error | undefined = unavailable('the ledger is starting');
  let mayRestart = isPatient;
  let hasEnded = false;
  let restart: NodeJS.Timeout | undefined;
  let restartMs = FIRST_RESTART_MS;

  let giveUp: (error: Error) => void;
  const opened = new Promise<{ readonly rebuilding: boolean }>((resolve, reject) => {
    giveUp = reject;
    const begin = (): void => {
      const begunMs = performance.now();
      let why: Error | undefined;
      worker = start();
      worker.on('message', (message) => {
        const reply = message as LedgerReply; // the process sends nothing else
        switch (reply.kind) {
          case 'opened':
            if (hasEnded) onNotice('the ledger is open again');
            [state, refusal, mayRestart] = ['connected', undefined, true];
            return resolve({ rebuilding: reply.rebuilding });
          case 'unopened':
            why = unopened(reply.failure);
            return void worker.terminate();
          case 'state':
            state = reply.state;
            return onNotice(reply.notice);
          case 'answer':
            return calls.resolve(reply.id, reply.value);
          case 'failure':
            return calls.reject(reply.id, errorOf(reply.failure));
        }
      });
      worker.onExit((how) => {
        const error = why ?? unavailable(`the ledger’s process ended: ${how}`);
        [state, refusal, hasEnded] = ['disconnected', error, true];
        calls.rejectAll(error);
        if (!mayRestart) return reject(error);
        if (performance.now() - begunMs > LONGEST_RESTART_MS) restartMs = FIRST_RESTART_MS;
        onNotice(`${error.message}; it is started again in ${restartMs / 1_000} s`);
        restart = setTimeout(begin, restartMs).unref();
        restartMs = Math.min(LONGEST_RESTART_MS, 2 * restartMs);
      });
    };
    begin();
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
    async end() {
      mayRestart = false;
      clearTimeout(restart);
      await worker.terminate();
      giveUp(unavailable('the ledger was closed before it opened'));
    },
  };
}

export interface LedgerLineOptions {
  /** Called once when the process has ended for good. */
  readonly onClosed?: () => void;
  /** Told when the database, or the process, goes away or comes back. */
  readonly onNotice?: (text: string) => void;
  /** Tries again also where it has not opened yet: a full disk may have room later. By default `ready` rejects then. */
  readonly isPatient?: boolean;
}

/** The ledger that the process started keeps; it is started again whenever it ends, a patient one also before it has opened once. */
export function createLedgerLine(start: () => StartedProcess, options: LedgerLineOptions = {}): RunningLedger {
  const { onClosed = () => undefined, onNotice = () => undefined, isPatient = false } = options;
  const line = connect(start, onNotice, isPatient);
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
      return (await line.request({ method: 'project', batch })) as number | undefined; // the process calls the same method
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
        await line.end();
        onClosed();
      }
    },
  };
  return { store, ready, state: line.state };
}
