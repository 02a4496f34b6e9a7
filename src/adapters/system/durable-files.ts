/** Writing files so that after a crash they are either whole or absent. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writingTo } from './failure-place.ts';

/** Writes and syncs a file in place; for directories not yet visible. */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames and new names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Replaces `path` in one step: written beside it, synced, renamed over it. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writingTo(path, () => writeSynced(temporary, bytes));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}
