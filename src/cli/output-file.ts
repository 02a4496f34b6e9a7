/** Files that a command writes where it is told to: never over one that it reads. */
import { stat } from 'node:fs/promises';
import { SentinelError } from '../domain/errors.ts';

/** USAGE when the file to be written with `option` is one of those that are read, by whatever name. */
export async function requireOtherThan(option: string, path: string, read: readonly string[]): Promise<void> {
  const target = await identityOf(path);
  if (target === undefined) return;
  for (const file of read) {
    if ((await identityOf(file)) !== target) continue;
    throw new SentinelError('USAGE', { problem: `--${option}: ${path} is the file that is read; name another` });
  }
}

/** What tells a file from every other one, whatever it is called; undefined when there is none. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && `${found.dev} ${found.ino}`;
}
