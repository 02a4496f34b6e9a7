/** The ledger without a server: PGlite in a process of its own, so that scoring never waits for it. */
import { mkdirSync } from 'node:fs';
import { type RunningLedger } from '../../ports/ledger-store.ts';
import { type Lock, takeLock } from '../system/lock.ts';
import { type StartedProcess, startProcess } from '../system/start-process.ts';
import { createLedgerLine, type LedgerLineOptions } from './ledger-line.ts';
import { type EmbeddedSettings } from './worker-messages.ts';

/** Beside the lock of the ledger's own process, which may outlive its service by a query. */
const SERVICE_LOCK = 'service.lock';

/** Other users of the machine too: it tells what the journal tells, and PGlite leaves its files open to them. */
function keepOthersOut(directory: string): Lock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return takeLock(directory, SERVICE_LOCK);
}

/**
 * Starts the ledger in `directory` (in memory without one) and returns at once: a new directory takes some seconds,
 * an existing one half a second. ALREADY_RUNNING when another process has the directory.
 */
export function startEmbeddedLedger(
  settings: EmbeddedSettings,
  options: Pick<LedgerLineOptions, 'onNotice' | 'isPatient'> = {},
): RunningLedger {
  const lock = settings.directory === undefined ? undefined : keepOthersOut(settings.directory);
  const entry = new URL('./ledger-process', import.meta.url);
  const start = (): StartedProcess => startProcess(entry, settings, { givesWay: true });
  return createLedgerLine(start, { ...options, onClosed: () => lock?.release() });
}
