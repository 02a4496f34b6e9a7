/** The ledger without a server: PGlite in a thread of its own, so that scoring never waits for it. */
import { type RunningLedger } from '../../ports/ledger-store.ts';
import { startThread } from '../system/start-thread.ts';
import { lockDirectory } from './directory-lock.ts';
import { createLedgerLine } from './ledger-line.ts';
import { type EmbeddedThreadSettings } from './worker-messages.ts';

/**
 * Starts the ledger in `directory` (in memory without one) and returns at once: a new directory takes some seconds,
 * an existing one half a second. ALREADY_RUNNING when another process has the directory.
 */
export function startEmbeddedLedger(settings: EmbeddedThreadSettings): RunningLedger {
  const unlock = settings.directory === undefined ? () => undefined : lockDirectory(settings.directory);
  return createLedgerLine(startThread(new URL('./embedded-thread', import.meta.url), settings), { onClosed: unlock });
}
