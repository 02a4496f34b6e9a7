/** Puts what was prepared elsewhere in its place: all of it or nothing. */
import { existsSync, lstatSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { atExit } from '../adapters/system/at-exit.ts';
import { syncDirectory } from '../adapters/system/durable-files.ts';
import { writingTo } from '../adapters/system/failure-place.ts';
import { SentinelError } from '../domain/errors.ts';

/** How the names of drafts begin within a directory, and go on behind its name beside it. */
const DRAFT = '.partial-';

/** Whether an entry of a directory is a draft of a killed process, or what a file system makes at its root: no content. */
export const isNoContent = (name: string): boolean => name.startsWith(DRAFT) || name === 'lost+found';

/**
 * Runs `write` on a draft and puts what it made into `directory`, which must not exist or have no content; `seal` is the entry that comes last. USAGE when the directory is something else.
 */
export async function wholeOrNothing<T>(
  directory: string,
  seal: string,
  write: (draft: string) => Promise<T>,
): Promise<T> {
  await refuseContent(directory);
  const target = realPathOf(directory);
  const isThere = existsSync(target);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  // A directory that is there may be the root of a disk: it can be filled, but not replaced.
  const draft = await mkdtemp(isThere ? join(target, DRAFT) : target + DRAFT);
  const settled = atExit(() => rmSync(draft, { recursive: true, force: true }));
  try {
    const result = await writingTo(directory, () => write(draft));
    await (isThere ? moveUp(draft, target, seal) : renameAll([[draft, target]]));
    return result;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  } finally {
    settled();
  }
}

async function moveUp(draft: string, target: string, seal: string): Promise<void> {
  await refuseContent(target);
  const names = (await readdir(draft)).filter((name) => name !== seal);
  await renameAll([...names, seal].map((name) => [join(draft, name), join(target, name)]));
  await rmdir(draft);
}

async function refuseContent(directory: string): Promise<void> {
  const refusal = (reason: string): SentinelError =>
    new SentinelError('USAGE', { problem: `${directory} is ${reason}` });
  if (!existsSync(directory)) {
    if (lstatSync(directory, { throwIfNoEntry: false }) !== undefined) throw refusal('a link that leads to nothing');
    return;
  }
  if (!(await stat(directory)).isDirectory()) throw refusal('not a directory');
  const there = (await readdir(directory)).filter((name) => !isNoContent(name));
  if (there.length > 0) throw refusal('not empty; a backup needs a directory of its own');
}

/** Without links, also where there is nothing yet. */
export function realPathOf(path: string): string {
  const at = resolve(path);
  return existsSync(at) ? realpathSync(at) : join(realPathOf(dirname(at)), basename(at));
}

/** Renames one after another, durably; when one fails, those before it are taken back. */
export async function renameAll(renames: readonly (readonly [from: string, to: string])[]): Promise<void> {
  for (const [index, [from, to]] of renames.entries()) {
    try {
      await rename(from, to);
    } catch (error) {
      for (const [before, after] of renames.slice(0, index).toReversed()) await rename(after, before);
      throw error;
    }
  }
  for (const directory of new Set(renames.map(([, to]) => dirname(to)))) await syncDirectory(directory);
}
