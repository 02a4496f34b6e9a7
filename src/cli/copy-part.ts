/** Copies a file or directory that may be in use. */
import { copyFile, cp, mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How names end of what is ready to be put in place. */
export const STAGED = '.restoring';

/** Durable on return. Snapshots come and go while the service runs: one that is gone was superseded. Half-written files are left out. */
export async function copyPart(from: string, to: string): Promise<void> {
  if ((await stat(from)).isFile()) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(from, to);
    return syncAll(to);
  }
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(from)).filter((entry) => !entry.startsWith('.') && !entry.includes('.tmp'))) {
    await cp(join(from, name), join(to, name), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await syncAll(to);
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
