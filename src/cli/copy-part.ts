/** Copies a file or directory that may be in use. */
import { copyFile, cp, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How names end of what is ready to be put in place. */
export const STAGED = '.restoring';

/** Snapshots come and go while the service runs: one that is gone was superseded. Half-written files are left out. */
export async function copyPart(from: string, to: string): Promise<void> {
  if ((await stat(from)).isFile()) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    return copyFile(from, to);
  }
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(from)).filter((entry) => !entry.startsWith('.') && !entry.includes('.tmp'))) {
    await cp(join(from, name), join(to, name), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
