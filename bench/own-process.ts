/** Starts a command of this program as a process of a benchmark, which never outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { killAtExit } from '../src/adapters/system/at-exit.ts';

export interface OwnProcess extends ChildProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** `environment` is beside this process's own. */
export function startOwn(words: readonly string[], environment: Readonly<Record<string, string>>): OwnProcess {
  const main = fileURLToPath(new URL(`./own-main${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true, // Ctrl-C is for the benchmark, which then stops it
    env: { ...process.env, ...environment },
  });
  killAtExit(child);
  return child as OwnProcess; // by its stdio
}
