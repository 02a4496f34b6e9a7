/** The key of the chain: made at the first start, readable by its owner alone. */
import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SentinelError } from '../../domain/errors.ts';
import { KEY_ID_BYTES } from '../../journal/segment.ts';
import { writeAtomically } from './atomic-file.ts';

const KEY_BYTES = 32;

export interface ChainKey {
  readonly key: KeyObject;
  /** Names the key without telling it: first bytes of its HMAC over a fixed text. */
  readonly id: Uint8Array;
  /** Makes fingerprints of ids differ from one installation to the next. */
  readonly seed: number;
}

/** Reads the key file (64 hex digits), or undefined when there is none. */
export async function readChainKey(path: string): Promise<ChainKey | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!/^[0-9a-f]{64}\n?$/.test(text)) {
    throw new SentinelError('JOURNAL_CORRUPT', { place: path, problem: 'the key file does not hold 64 hex digits' });
  }
  return chainKey(Buffer.from(text.trim(), 'hex'));
}

/** The key in a file of 64 hex digits or of 32 bytes; undefined when there is none. */
export async function readKeyFile(path: string): Promise<ChainKey | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes?.length === KEY_BYTES ? chainKey(bytes) : readChainKey(path);
}

/** A key that nothing was written with yet. */
export const newChainKey = (): ChainKey => chainKey(randomBytes(KEY_BYTES));

export async function createChainKey(path: string): Promise<ChainKey> {
  const key = newChainKey();
  await writeChainKey(path, key);
  return key;
}

export async function writeChainKey(path: string, { key }: ChainKey): Promise<void> {
  await writeAtomically(path, [Buffer.from(`${key.export().toString('hex')}\n`)]);
}

export function chainKey(secret: Uint8Array): ChainKey {
  const key = createSecretKey(secret);
  const name = createHmac('sha256', key).update('sentinel journal key').digest();
  return { key, id: name.subarray(0, KEY_ID_BYTES), seed: name.readUInt32LE(KEY_ID_BYTES) };
}
