/** The ledger without a server: PGlite in a process of its own, so that scoring never waits for it. */
import { type RunningLedger } from '../../ports/ledger-store.ts';
import { startProcess } from '../system/start-process.ts';
import { lockDirectory } from './directory-lock.ts';
import { createLedgerLine } from './ledger-line.ts';
import { type EmbeddedSettings } from './worker-messages.ts';

/**
 * Starts the ledger in `directory` (in memory without one) and returns at once: a new directory takes some seconds,
 * an existing one half a second. ALREADY_RUNNING when another process has the directory.
 */
export function startEmbeddedLedger(settings: EmbeddedSettings): RunningLedger {
  const unlock = settings.directory === undefined ? () => undefined : lockDirectory(settings.directory);
  return createLedgerLine(startProcess(new URL('./ledger-process', import.meta.url), settings), { onClosed: unlock });
}
