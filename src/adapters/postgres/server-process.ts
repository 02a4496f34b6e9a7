/** The process of a ledger on a server: opens it, however long that takes, and passes on what is asked, side by side. */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { SentinelError } from '../../domain/errors.ts';
import { type LedgerState, type LedgerStore } from '../../ports/ledger-store.ts';
import { failureOf } from '../system/failure.ts';
import { parentProcess } from '../system/start-process.ts';
import { addressOf, databaseError, isOutage } from './database-errors.ts';
import { type LedgerDatabase, openLedgerStore } from './ledger-store.ts';
import { openServer } from './open-server.ts';
import { type LedgerReply, type LedgerRequest, perform, type ServerLedgerSettings } from './worker-messages.ts';

const { data, port } = await parentProcess<ServerLedgerSettings>();
const { server, catalogues, isPatient } = data;
const address = addressOf(server.url);

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Health says what was true at most so long ago. */
const LOOK_EVERY_MS = 2_000;

const reply = (message: LedgerReply): void => port.postMessage(message);

let state: LedgerState = 'starting';
function turn(now: LedgerState, notice: string): void {
  if (state === now) return;
  state = now;
  reply({ kind: 'state', state, notice });
}

function told(error: unknown): string {
  const { message, remedy } = error as Partial<SentinelError>; // any other error has a message alone
  return [message ?? String(error), ...(remedy === undefined ? [] : [remedy])].join(' ');
}

async function openOnce(): Promise<readonly [LedgerDatabase, LedgerStore]> {
  const database = await openServer(server);
  try {
    return [database, await openLedgerStore(database, catalogues)];
  } catch (error) {
    await Promise.all([database.database.destroy(), database.reads.destroy()]);
    throw databaseError(address, error);
  }
}

async function open(): ReturnType<typeof openOnce> {
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LONGEST_RETRY_MS, 2 * retryMs)) {
    try {
      return await openOnce();
    } catch (error) {
      if (!isPatient) throw error;
      turn('disconnected', told(error));
      await pause(retryMs);
    }
  }
}

/** What a question is answered while the server is away is for everybody to read, so it names no address. */
function asAnswered(error: unknown, request: LedgerRequest): unknown {
  if (!isOutage(error)) return error;
  const isQuestion = 'parameters' in request && !['position', 'lastRecord'].includes(request.method);
  if (!isQuestion) return databaseError(address, error);
  return new SentinelError('NOT_READY', { reason: 'the ledger’s database is out of reach' });
}

/** Keeps `state` true: nobody may ask for long, and /health wants to know. */
async function watch({ database }: LedgerDatabase): Promise<never> {
  for (;;) {
    await pause(LOOK_EVERY_MS);
    try {
      await sql`select 1`.execute(database);
      turn('connected', `PostgreSQL at ${address} answers again`);
    } catch (error) {
      turn('disconnected', told(databaseError(address, error)));
    }
  }
}

function serve(store: LedgerStore): void {
  const answer = async (request: LedgerRequest): Promise<void> => {
    const { id } = request;
    try {
      reply({ kind: 'answer', id, value: await perform(store, request) });
    } catch (error) {
      reply({ kind: 'failure', id, failure: failureOf(asAnswered(error, request)) });
    }
  };
  port.on('message', (message) => void answer(message as LedgerRequest)); // the service sends nothing else
}

try {
  const [database, store] = await open();
  state = 'connected';
  serve(store);
  reply({ kind: 'opened', rebuilding: false });
  void watch(database);
} catch (error) {
  reply({ kind: 'unopened', failure: failureOf(error) });
}
