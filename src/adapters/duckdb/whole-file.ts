/** Files that are there whole or not at all. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type FileFingerprint } from '../../ports/transaction-source.ts';
import { atExit } from '../system/at-exit.ts';
import { makeDirectoriesAbove, makeRoomForFile, unwritable } from './output-place.ts';

/**
 * Lets `write` make the file under another, absolute name beside it, then moves it into place; nothing stays after a
 * failure. OUTPUT_UNWRITABLE when the place is not one for a file.
 */
export async function writeWhole(path: string, write: (temporaryPath: string) => Promise<void>): Promise<void> {
  await makeRoomForFile(path);
  await writeBeside(path, write);
}

/** The same for a directory, which may take the place of an empty one. */
export async function writeWholeDirectory(
  path: string,
  write: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  await makeDirectoriesAbove(path);
  await writeBeside(path, write);
}

async function writeBeside(path: string, write: (temporaryPath: string) => Promise<void>): Promise<void> {
  const temporary = `${resolve(path)}.${randomBytes(4).toString('hex')}.tmp`;
  const settled = atExit(() => rmSync(temporary, { force: true, recursive: true }));
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true, recursive: true });
    const { syscall, code, path: failed } = cause as NodeJS.ErrnoException;
    if (syscall === 'open' && failed?.startsWith(temporary) === true) throw unwritable(path, `no file can be made there (${code})`, cause); // prettier-ignore
    if (syscall === 'write' && failed === undefined)
      throw unwritable(path, `not all of it could be written (${code})`, cause);
    const { message } = cause as Error;
    // DuckDB has no codes; the system's reason comes last.
    if (message.startsWith('IO Error') && message.includes(temporary)) throw unwritable(path, `not all of it could be written (${message.split(': ').at(-1)})`, cause); // prettier-ignore
    throw cause;
  } finally {
    settled();
  }
}

/** Size and checksums, read in one pass. */
export async function fingerprint(path: string): Promise<FileFingerprint> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
    md5.update(bytes);
    sha256.update(bytes);
  }
  const { size } = await stat(path);
  return { name: basename(path), bytes: size, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
