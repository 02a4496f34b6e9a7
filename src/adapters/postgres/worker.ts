/** The ledger's thread: owns PGlite and does one thing at a time, questions before projections. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { SentinelError } from '../../domain/errors.ts';
import { surveyFrames } from '../../journal/frame.ts';
import { giveWay } from '../system/give-way.ts';
import { type PostgresLedgerStore, openLedgerStore } from './ledger-store.ts';
import { openPglite } from './open-pglite.ts';
import { type LedgerFailure, type LedgerReply, type LedgerRequest, type WorkerSettings } from './worker-messages.ts';

giveWay();

const port = parentPort!;
const { directory, catalogue } = workerData as WorkerSettings; // put there by startLedgerWorker

const reply = (message: LedgerReply): void => port.postMessage(message);

function failureOf(error: unknown): LedgerFailure {
  if (error instanceof SentinelError) return { message: error.message, code: error.code, details: error.details };
  return { message: error instanceof Error ? error.message : String(error) };
}

async function open(): Promise<PostgresLedgerStore> {
  const pgdata = directory === undefined ? undefined : join(directory, 'pgdata');
  const existed = pgdata !== undefined && existsSync(pgdata);
  try {
    const store = await openLedgerStore(await openPglite(pgdata), catalogue);
    reply({ kind: 'opened', rebuilding: false });
    return store;
  } catch (error) {
    if (!existed || error instanceof SentinelError) throw error;
    // A damaged copy is worth nothing: the journal has it all.
    rmSync(pgdata, { recursive: true });
    const store = await openLedgerStore(await openPglite(pgdata), catalogue);
    reply({ kind: 'opened', rebuilding: true });
    return store;
  }
}

/** Before this many records any plan is good enough. */
const FIRST_ANALYSIS_SEQ = 1_000;

/** Told of each position reached. */
type Analysis = (seq: number) => Promise<void>;

/** Renews the planner’s statistics whenever the ledger has doubled. */
async function createAnalysis(store: PostgresLedgerStore): Promise<Analysis> {
  let nextSeq = Math.max(FIRST_ANALYSIS_SEQ, 2 * (await store.position()));
  return async (seq) => {
    if (seq < nextSeq) return;
    await store.analyse();
    nextSeq = 2 * seq;
  };
}

async function perform(store: PostgresLedgerStore, analyse: Analysis, request: LedgerRequest): Promise<unknown> {
  if ('frames' in request) {
    await store.project(request.frames);
    return request.frames.length > 0 && analyse(surveyFrames(request.frames).lastSeq);
  }
  if (!('parameters' in request)) return store[request.method]();
  const method = store[request.method] as (...parameters: readonly unknown[]) => Promise<unknown>; // the proxy is typed
  return method(...request.parameters);
}

function serve(store: PostgresLedgerStore, analyse: Analysis): void {
  const questions: LedgerRequest[] = [];
  const writes: LedgerRequest[] = [];
  let busy = false;
  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let request = questions.shift() ?? writes.shift(); request !== undefined;) {
      const { id } = request;
      try {
        reply({ kind: 'answer', id, value: await perform(store, analyse, request) });
      } catch (error) {
        reply({ kind: 'failure', id, failure: failureOf(error) });
      }
      await nextTurn(); // lets questions in that arrived meanwhile
      request = questions.shift() ?? writes.shift();
    }
    busy = false;
  };
  port.on('message', (request: LedgerRequest) => {
    ('parameters' in request ? questions : writes).push(request);
    void work();
  });
}

try {
  const store = await open();
  serve(store, await createAnalysis(store));
} catch (error) {
  reply({ kind: 'unopened', failure: failureOf(error) });
}
