/** A random secret kept in a file only its owner can read, made at first use. */
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';

const SECRET_BYTES = 32;

/** The bytes of `path`; written there when the file does not exist. CONFIG_INVALID when it holds no whole secret. */
export function secretFile(path: string): Uint8Array {
  const secret = read(path) ?? made(path);
  if (secret.length !== SECRET_BYTES) {
    throw new SentinelError('CONFIG_INVALID', {
      problems: `${path} holds ${secret.length} bytes where a key has ${SECRET_BYTES}: put it back from a backup; delete it only if nothing was ever recorded under it`,
    });
  }
  return secret;
}

/** Writes `secret` to `path` (mode 0600), durably, unless the file exists. Several processes may ask at once. */
export function keepSecret(path: string, secret: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, secret, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, path); // whole from its first moment, and of the first to make it
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(dirname(path));
}

function made(path: string): Uint8Array {
  keepSecret(path, randomBytes(SECRET_BYTES));
  return readFileSync(path);
}

function read(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the new name durable. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
