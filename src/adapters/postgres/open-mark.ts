/** Marks a database that never syncs as open, so that the next start knows whether the machine went down meanwhile. */
import { readFileSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'open';

/** What tells this run of the machine from every other; undefined where it does not say. Source: random(4). */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** False when the database in `directory` was open while the machine went down: what was not on the disk is gone. */
export function outlivedMachine(directory: string): boolean {
  try {
    return readFileSync(join(directory, NAME), 'utf8') === (bootId() ?? '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true; // it was closed
    throw error;
  }
}

/** From here on the database counts as open; durable on return. */
export async function markOpen(directory: string): Promise<void> {
  const mark = await open(join(directory, NAME), 'w', 0o600);
  try {
    await mark.writeFile(bootId() ?? '');
    await mark.sync();
  } finally {
    await mark.close();
  }
  await sync(directory);
}

/** Puts the files of a closed database on the disk, then takes the mark away. */
export async function markClosed(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) await sync(join(entry.parentPath, entry.name));
  }
  await rm(join(directory, NAME), { force: true });
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
