/** One process a directory and name: a lock file that names its holder, taken over when that process is gone. */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';
import { at } from './failure-place.ts';

const NAME = 'lock';

export interface Lock {
  /** `now` is where the directory lies by now, when it was moved. */
  release(now?: string): void;
}

/** Throws ALREADY_RUNNING when a live process holds the lock of this name in `directory`. */
export function takeLock(directory: string, name = NAME): Lock {
  const path = join(directory, name);
  const own = `${thisProcess()} ${randomUUID()}\n`;
  const draft = `${path}.${randomUUID()}`;
  try {
    writeDraft(draft, own, path);
    while (!tryLink(draft, path)) {
      const holder = readLock(path);
      if (holder === undefined) continue;
      if (isAlive(holder)) throw new SentinelError('ALREADY_RUNNING', { path: directory, pid: holder.pid });
      discard(path, holder.text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release(now = directory) {
      const held = join(now, name);
      if (readLock(held)?.text === own) rmSync(held, { force: true });
    },
  };
}

/** The live process that holds `directory`; undefined when none does. Takes and changes nothing. */
export function lockHolder(directory: string): number | undefined {
  const holder = readLock(join(directory, NAME));
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

/** What tells this process from every other one of this machine. */
export function thisProcess(): string {
  return `${process.pid} ${statOf(process.pid)?.start ?? '-'}`;
}

/** Whether the process that called itself so is still there. */
export function isProcessAlive(own: string): boolean {
  return isAlive(holderIn(own));
}

interface Holder {
  readonly text: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot, '-' where the platform does not tell. */
  readonly start: string;
}

function holderIn(text: string): Holder {
  const [pid, start] = text.trim().split(' ');
  return { text, pid: Number(pid), start: start ?? '-' };
}

/** Where it fails, the lock is what could not be written: nobody knows the draft. */
function writeDraft(draft: string, own: string, path: string): void {
  try {
    writeFileSync(draft, own, { mode: 0o600 });
  } catch (error) {
    throw at(path, error);
  }
}

/** Links either create the name or fail, and the file is whole from its first moment. */
function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readLock(path: string): Holder | undefined {
  try {
    return holderIn(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * A pid alone proves nothing: after a restart of a container another process often has it, and one that was killed keeps it until its
 * parent notices, though it holds nothing any more.
 */
function isAlive(holder: Holder): boolean {
  if (!(holder.pid > 0)) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // else it is another user's
  }
  const stat = statOf(holder.pid);
  if (stat === undefined) return true;
  if (stat.state === ZOMBIE && stat.threads <= 1) return false; // with more of them, one may still be writing
  return holder.start === '-' || stat.start === holder.start;
}

const ZOMBIE = 'Z';

interface Stat {
  readonly state: string | undefined;
  readonly threads: number;
  readonly start: string | undefined;
}

/** Fields 3, 20 and 22 of /proc/PID/stat; undefined off Linux or when the process is gone. Source: proc(5). */
function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], threads: Number(fields[17]), start: fields[19] };
  } catch {
    return undefined;
  }
}

/** Removes the stale lock, and puts back a fresh one that another process took in between. */
function discard(path: string, stale: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== stale) tryLink(aside, path);
  rmSync(aside, { force: true });
}
