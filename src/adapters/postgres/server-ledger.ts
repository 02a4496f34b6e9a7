/** The ledger on a PostgreSQL server, spoken to by a thread of its own, so that scoring never waits for it. */
import { type RunningLedger } from '../../ports/ledger-store.ts';
import { startThread } from '../system/start-thread.ts';
import { createLedgerLine, type LedgerLineOptions } from './ledger-line.ts';
import { type ServerThreadSettings } from './worker-messages.ts';

/**
 * Starts the ledger on a server and returns at once. When the server is out of reach or refuses, a patient one says so
 * and tries again until it opens; another rejects `ready` with DATABASE_UNAVAILABLE or DATABASE_REFUSED.
 */
export function startServerLedger(
  settings: ServerThreadSettings,
  options: Pick<LedgerLineOptions, 'onNotice'> = {},
): RunningLedger {
  return createLedgerLine(startThread(new URL('./server-thread', import.meta.url), settings), options);
}
