/** Gzip files looked through to their end: DuckDB takes the end of a file that was cut for the end of its data. */
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SentinelError } from '../../domain/errors.ts';

const CHUNK_BYTES = 256 * 1024;

const PROBLEMS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'the gzip stream ends too early: download or copy it again',
  Z_DATA_ERROR: 'the gzip stream is damaged: download or copy it again',
};

/** DATA_UNREADABLE unless all of the file unpacks to what its checksums say. */
export async function checkGzip(path: string): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(path), createGunzip({ chunkSize: CHUNK_BYTES }), nowhere);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new SentinelError('DATA_UNREADABLE', { file: path, problem: PROBLEMS[code ?? ''] ?? message }, cause);
  }
}
