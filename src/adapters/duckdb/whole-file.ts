/** Files that are there whole or not at all. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type FileFingerprint } from '../../ports/transaction-source.ts';

/** Lets `write` make the file under another, absolute name beside it, then moves it into place; nothing stays after a failure. */
export async function writeWhole(path: string, write: (temporaryPath: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${resolve(path)}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true, recursive: true });
    throw cause;
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
