/** Files that are there whole or not at all, whatever happens while they are written. */
import { rmSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { atExit } from '../system/at-exit.ts';
import { syncDirectory } from './disk.ts';

const OWNER_ONLY = 0o600;
const TEMPORARY = '.tmp';

/** Bytes of one write: bounds what a single call copies and blocks. */
const WRITE_BYTES = 8 * 1024 * 1024;

/** Writes the parts one after another to `path`, replacing what was there, durable on return. */
export async function writeAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}${TEMPORARY}`;
  const settled = atExit(() => rmSync(temporary, { force: true }));
  try {
    const file = await open(temporary, 'w', OWNER_ONLY);
    try {
      for (const part of parts) {
        for (let at = 0; at < part.length; at += WRITE_BYTES) {
          await file.writeFile(part.subarray(at, at + WRITE_BYTES));
        }
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    settled();
  }
  await syncDirectory(dirname(path));
}

/** Removes what writers that were killed left behind; only for the one process that writes to `directory`. */
export async function removeTemporaries(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith(TEMPORARY)) await rm(join(directory, name), { force: true });
  }
}
