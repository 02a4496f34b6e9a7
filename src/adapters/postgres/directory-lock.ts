/** Keeps two processes out of one database directory, which PGlite itself does not. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';

const LOCK_FILE = 'ledger.pid';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // exists, but belongs to someone else
  }
}

function create(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes `directory` (made when absent) for this process and returns the way to give it back. The lock of a process
 * that is gone is taken over, as is one with our own pid, left by an earlier process that had it (containers).
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, LOCK_FILE);
  if (!create(path)) {
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid > 0 && pid !== process.pid && isAlive(pid)) {
      throw new SentinelError('ALREADY_RUNNING', { path: directory, pid });
    }
    rmSync(path, { force: true });
    if (!create(path)) throw new SentinelError('ALREADY_RUNNING', { path: directory, pid });
  }
  return () => rmSync(path, { force: true });
}
