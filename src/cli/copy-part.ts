/** Copies a file or directory that may be in use. */
import { copyFile, mkdir, open, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How names end of what is ready to be put in place. */
export const STAGED = '.restoring';

/**
 * Durable on return. What links lead to is copied in their place, so that the copy stands without it. Snapshots come and go
 * while the service runs: one that is gone was superseded. Half-written files are left out.
 */
export async function copyPart(from: string, to: string): Promise<void> {
  if ((await stat(from)).isFile()) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(from, to);
    return syncAll(to);
  }
  await mkdir(to, { recursive: true, mode: 0o700 });
  await copyEntries(from, to, [await realpath(to)], (name) => !name.startsWith('.') && !name.includes('.tmp'));
  await syncAll(to);
}

/** `within`: the copy and the directories around `from`, which a link in it may lead back to. */
async function copyEntries(
  from: string,
  to: string,
  within: readonly string[],
  isWanted: (name: string) => boolean,
): Promise<void> {
  const around = [...within, await realpath(from)];
  const names = await readdir(from);
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of names.filter(isWanted)) {
    const [source, target] = [join(from, name), join(to, name)];
    try {
      const found = await stat(source);
      if (found.isFile()) await copyFile(source, target);
      else if (found.isDirectory() && !around.includes(await realpath(source))) {
        await copyEntries(source, target, around, () => true);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function syncAll(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    if ((await file.stat()).isDirectory()) for (const name of await readdir(path)) await syncAll(join(path, name));
    await file.sync();
  } finally {
    await file.close();
  }
}
