/** The process of the embedded ledger: owns PGlite and does one thing at a time, questions before projections. */
import { type Kysely } from 'kysely';
import { existsSync, rmSync, statfsSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { SentinelError } from '../../domain/errors.ts';
import { JOURNAL_SOURCE } from '../../ledger/source.ts';
import { type LedgerBatch, type LedgerStore } from '../../ports/ledger-store.ts';
import { failureOf } from '../system/failure.ts';
import { type Lock, takeLock } from '../system/lock.ts';
import { parentProcess } from '../system/start-process.ts';
import { openLedgerStore, soleDatabase } from './ledger-store.ts';
import { markClosed, markOpen, outlivedMachine } from './open-mark.ts';
import { embeddedPath, openPglite } from './open-pglite.ts';
import { createUpkeep, type Upkeep } from './upkeep.ts';
import { type EmbeddedSettings, type LedgerReply, type LedgerRequest, perform } from './worker-messages.ts';
import { startWriteBack } from './write-back.ts';

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

interface OpenLedger {
  readonly store: LedgerStore;
  readonly database: Kysely<unknown>;
}

/** A database that is damaged, or may be, is worth nothing: the journal has it all. One without room is left as it is. */
async function open(): Promise<OpenLedger> {
  const openAt = async (pgdata?: string): Promise<OpenLedger> => {
    const database = await openPglite(pgdata);
    return { database, store: await openLedgerStore(soleDatabase(database), catalogues) };
  };
  if (directory === undefined) return opened(await openAt(), false);
  await takeOver(directory);
  const pgdata = embeddedPath(directory);
  const existed = existsSync(pgdata);
  const isWhole = outlivedMachine(directory);
  if (!isWhole) rmSync(pgdata, { recursive: true, force: true });
  await markOpen(directory);
  const openAnew = async (): Promise<OpenLedger> => {
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

function opened(ledger: OpenLedger, rebuilding: boolean): OpenLedger {
  reply({ kind: 'opened', rebuilding });
  return ledger;
}

function serve(store: LedgerStore, keepUp: Upkeep): void {
  /** All of it is this process's work. */
  const project = async (batch: LedgerBatch): Promise<number> => {
    const before = process.cpuUsage();
    await store.project(batch);
    await keepUp(batch.upTo);
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
  const { store, database } = await open();
  const keepUp = await createUpkeep(database, await store.position(JOURNAL_SOURCE));
  const noteWritten = directory === undefined ? undefined : startWriteBack(embeddedPath(directory));
  serve(store, async (seq) => {
    await keepUp(seq);
    noteWritten?.();
  });
} catch (error) {
  reply({ kind: 'unopened', failure: failureOf(error) });
}
