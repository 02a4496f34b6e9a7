/** Copies a file or directory that may be in use. */
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writingTo } from '../adapters/system/failure-place.ts';

/** How names end of what is ready to be put in place. */
export const STAGED = '.restoring';

/** Of one read: large enough that copying is not slower than the disk. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Durable on return, or ended by `signal`. What links lead to is copied in their place, so that the copy stands without it. Snapshots come and go
 * while the service runs: one that is gone was superseded. Half-written files are left out.
 */
export async function copyPart(from: string, to: string, signal: AbortSignal): Promise<void> {
  if ((await stat(from)).isFile()) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(from, to, signal);
    return syncAll(to, signal);
  }
  await mkdir(to, { recursive: true, mode: 0o700 });
  const isWanted = (name: string): boolean => !name.startsWith('.') && !name.includes('.tmp');
  await copyEntries(from, to, { within: [await realpath(to)], isWanted, signal });
  await syncAll(to, signal);
}

interface Copying {
  /** The copy and the directories around, which a link may lead back to. */
  readonly within: readonly string[];
  readonly isWanted: (name: string) => boolean;
  readonly signal: AbortSignal;
}

async function copyEntries(from: string, to: string, { within, isWanted, signal }: Copying): Promise<void> {
  const around = [...within, await realpath(from)];
  const names = await readdir(from);
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of names.filter(isWanted)) {
    const [source, target] = [join(from, name), join(to, name)];
    try {
      const found = await stat(source);
      if (found.isFile()) await copyFile(source, target, signal);
      else if (found.isDirectory() && !around.includes(await realpath(source))) {
        await copyEntries(source, target, { within: around, isWanted: () => true, signal });
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Not as the system does it, which hears of no signal until the end of the file. */
async function copyFile(from: string, to: string, signal: AbortSignal): Promise<void> {
  const { mode } = await stat(from);
  const source = createReadStream(from, { highWaterMark: CHUNK_BYTES });
  await writingTo(to, () => pipeline(source, createWriteStream(to, { mode }), { signal }));
  await chmod(to, mode); // whatever the umask
}

async function syncAll(path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const file = await open(path, 'r');
  try {
    if ((await file.stat()).isDirectory())
      for (const name of await readdir(path)) await syncAll(join(path, name), signal);
    await file.sync();
  } finally {
    await file.close();
  }
}
