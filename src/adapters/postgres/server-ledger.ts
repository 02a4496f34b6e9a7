/** The ledger on a PostgreSQL server, spoken to by a process of its own, so that scoring never waits for it. */
import { type RunningLedger } from '../../ports/ledger-store.ts';
import { startProcess } from '../system/start-process.ts';
import { createLedgerLine, type LedgerLineOptions } from './ledger-line.ts';
import { type ServerLedgerSettings } from './worker-messages.ts';

/**
 * Starts the ledger on a server and returns at once. When the server is out of reach or refuses, a patient one says so
 * and tries again until it opens; another rejects `ready` with DATABASE_UNAVAILABLE or DATABASE_REFUSED.
 */
export function startServerLedger(
  settings: ServerLedgerSettings,
  options: Pick<LedgerLineOptions, 'onNotice'> = {},
): RunningLedger {
  const entry = new URL('./server-process', import.meta.url);
  return createLedgerLine(() => startProcess(entry, settings, { givesWay: true }), options);
}
