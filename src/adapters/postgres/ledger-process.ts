/** The process of the embedded ledger: owns PGlite and does one thing at a time, questions before projections. */
import { existsSync, rmSync, statfsSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { SentinelError } from '../../domain/errors.ts';
import { JOURNAL_SOURCE } from '../../ledger/source.ts';
import { type LedgerBatch } from '../../ports/ledger-store.ts';
import { failureOf } from '../system/failure.ts';
import { type Lock, takeLock } from '../system/lock.ts';
import { parentProcess } from '../system/start-process.ts';
import { type PostgresLedgerStore, openLedgerStore, soleDatabase } from './ledger-store.ts';
import { markClosed, markOpen, outlivedMachine } from './open-mark.ts';
import { embeddedPath, openPglite } from './open-pglite.ts';
import { type EmbeddedSettings, type LedgerReply, type LedgerRequest, perform } from './worker-messages.ts';

const { data, port } = await parentProcess<EmbeddedSettings>();
const { directory, catalogues } = data;

const reply = (message: LedgerReply): void => port.postMessage(message);

/** How long that may take: it may be in the middle of a query. */
const TAKE_OVER_MS = 30_000;
const RETRY_MS = 20;

/** Waits for the process of a service that was killed: two at one database would ruin it. */
async function takeOver(held: string): Promise<Lock> {
  for (const untilMs = Date.now() + TAKE_OVER_MS; ;) {
    try {
      return takeLock(held);
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await pause(RETRY_MS);
    }
  }
}

/** What PostgreSQL wants at a time at most: a file of its log. */
const ROOM_BYTES = 16 * 2 ** 20;

/** What there is to say where the room does not suffice: PGlite does not tell. */
function lackOfRoom(place: string, cause: unknown): Error | undefined {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize < ROOM_BYTES ? new Error(`there is no room for it in ${place}`, { cause }) : undefined;
}

/** A database that is damaged, or may be, is worth nothing: the journal has it all. One without room is left as it is. */
async function open(): Promise<PostgresLedgerStore> {
  const openAt = async (pgdata?: string): Promise<PostgresLedgerStore> =>
    openLedgerStore(soleDatabase(await openPglite(pgdata)), catalogues);
  if (directory === undefined) return opened(await openAt(), false);
  await takeOver(directory);
  const pgdata = embeddedPath(directory);
  const existed = existsSync(pgdata);
  const isWhole = outlivedMachine(directory);
  if (!isWhole) rmSync(pgdata, { recursive: true, force: true });
  await markOpen(directory);
  const openAnew = async (): Promise<PostgresLedgerStore> => {
    try {
      return await openAt(pgdata);
    } catch (error) {
      const lack = lackOfRoom(directory, error);
      rmSync(pgdata, { recursive: true, force: true }); // half of one only takes room from the journal
      throw lack ?? error;
    }
  };
  if (!existsSync(pgdata)) return opened(await openAnew(), existed);
  try {
    return opened(await openAt(pgdata), false);
  } catch (error) {
    const lack = lackOfRoom(directory, error);
    if (lack !== undefined || error instanceof SentinelError) throw lack ?? error;
    rmSync(pgdata, { recursive: true });
    return opened(await openAnew(), true);
  }
}

function opened(store: PostgresLedgerStore, rebuilding: boolean): PostgresLedgerStore {
  reply({ kind: 'opened', rebuilding });
  return store;
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
  /** All of it is this process's work. */
  const project = async (batch: LedgerBatch): Promise<number> => {
    const before = process.cpuUsage();
    await store.project(batch);
    await analyse(batch.upTo);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  const questions: LedgerRequest[] = [];
  const writes: LedgerRequest[] = [];
  let busy = false;
  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let request = questions.shift() ?? writes.shift(); request !== undefined;) {
      const { id } = request;
      try {
        const value = 'batch' in request ? await project(request.batch) : await perform(store, request);
        if (request.method === 'close' && directory !== undefined) await markClosed(directory);
        reply({ kind: 'answer', id, value });
      } catch (error) {
        reply({ kind: 'failure', id, failure: failureOf(error) });
      }
      await nextTurn(); // lets questions in that arrived meanwhile
      request = questions.shift() ?? writes.shift();
    }
    busy = false;
  };
  port.on('message', (message) => {
    const request = message as LedgerRequest; // the service sends nothing else
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
