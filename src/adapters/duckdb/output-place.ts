/** The place of a file that is about to be written: its directories made, or why it cannot be there. */
import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';

/** What a system says of a path that is not there. */
const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR'];

export function unwritable(path: string, problem: string, cause?: unknown): SentinelError {
  return new SentinelError('OUTPUT_UNWRITABLE', { path, problem }, cause);
}

/** Whether `place` is a directory; undefined when nothing is there. */
async function isDirectory(place: string): Promise<boolean | undefined> {
  try {
    return (await stat(place)).isDirectory();
  } catch (cause) {
    if (!ABSENT.includes((cause as NodeJS.ErrnoException).code)) throw cause;
    const itself = await lstat(place).catch(() => undefined);
    if (itself === undefined) return undefined;
    return itself.isSymbolicLink() ? false : itself.isDirectory(); // no link: made by another process meanwhile
  }
}

/** Makes the directories above `path`, one by one: made at once, those below /proc keep Node busy for ever. OUTPUT_UNWRITABLE. */
export async function makeDirectoriesAbove(path: string): Promise<void> {
  const missing: string[] = [];
  let place = dirname(resolve(path));
  try {
    for (let found = await isDirectory(place); found !== true; found = await isDirectory(place)) {
      if (found === false) throw unwritable(path, `${place} is no directory`);
      missing.unshift(place);
      place = dirname(place);
    }
    for (place of missing) {
      await mkdir(place).catch((cause: unknown) => {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause; // made by another process meanwhile
      });
    }
  } catch (cause) {
    if (cause instanceof SentinelError) throw cause;
    throw unwritable(path, `${place} cannot be made (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}

/** The same for a file: OUTPUT_UNWRITABLE where a directory is, too. */
export async function makeRoomForFile(path: string): Promise<void> {
  await makeDirectoriesAbove(path);
  const isThere = await stat(path).catch(() => undefined);
  if (isThere?.isDirectory() === true) throw unwritable(path, 'it is a directory');
}
