/** The thread of the embedded ledger: owns PGlite and does one thing at a time, questions before projections. */
import { existsSync, rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { SentinelError } from '../../domain/errors.ts';
import { JOURNAL_SOURCE } from '../../ledger/source.ts';
import { giveWay } from '../system/give-way.ts';
import { type PostgresLedgerStore, openLedgerStore, soleDatabase } from './ledger-store.ts';
import { embeddedPath, openPglite } from './open-pglite.ts';
import {
  type EmbeddedThreadSettings,
  failureOf,
  type LedgerReply,
  type LedgerRequest,
  perform,
} from './worker-messages.ts';

giveWay();

const port = parentPort!;
const { directory, catalogue } = workerData as EmbeddedThreadSettings; // put there by startEmbeddedLedger

const reply = (message: LedgerReply): void => port.postMessage(message);

async function open(): Promise<PostgresLedgerStore> {
  const pgdata = directory === undefined ? undefined : embeddedPath(directory);
  const existed = pgdata !== undefined && existsSync(pgdata);
  try {
    const store = await openLedgerStore(soleDatabase(await openPglite(pgdata)), catalogue);
    reply({ kind: 'opened', rebuilding: false });
    return store;
  } catch (error) {
    if (!existed || error instanceof SentinelError) throw error;
    // A damaged copy is worth nothing: the journal has it all.
    rmSync(pgdata, { recursive: true });
    const store = await openLedgerStore(soleDatabase(await openPglite(pgdata)), catalogue);
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
  let nextSeq = Math.max(FIRST_ANALYSIS_SEQ, 2 * (await store.position(JOURNAL_SOURCE)));
  return async (seq) => {
    if (seq < nextSeq) return;
    await store.analyse();
    nextSeq = 2 * seq;
  };
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
        const value = await perform(store, request);
        if ('batch' in request) await analyse(request.batch.upTo);
        reply({ kind: 'answer', id, value });
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
