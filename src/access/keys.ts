/** API keys: made once, stored hashed, recognised by their hash. */
import { hash, randomBytes } from 'node:crypto';
import { SentinelError } from '../domain/errors.ts';
import { type Role, ROLES } from './roles.ts';

/** A key as it is stored; the key itself is shown once, when made, and kept nowhere. */
export interface KeyEntry {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the key, 64 hex digits; a random 256-bit key needs no salt and no slow hash. */
  readonly hash: string;
}

export interface KeyRing {
  /** Without keys everyone may do everything, which is allowed on loopback only: see checkExposure. */
  readonly isEmpty: boolean;
  /** The entry of a key as presented; undefined when it is unknown. */
  find(key: string): KeyEntry | undefined;
}

const KEY_BYTES = 32;
const HASH = /^[0-9a-f]{64}$/;
const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value);

export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** A new random key and the entry to store. */
export function createKey(name: string, role: Role): { readonly key: string; readonly entry: KeyEntry } {
  const key = `sentinel_${role}_${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { key, entry: { name, role, hash: hashKey(key) } };
}

/**
 * The entries of a key file's parsed content, of which there is one at least: whoever takes the last key out wants nobody
 * in, and without keys everybody is. Throws CONFIG_INVALID with the place of the first mistake.
 */
export function readKeyEntries(value: unknown, file: string): readonly KeyEntry[] {
  const refuse = (place: string, expected: string): never => {
    throw new SentinelError('CONFIG_INVALID', { problems: `${file}, ${place}: expected ${expected}` });
  };
  if (!Array.isArray(value)) return refuse('keys', 'a list');
  if (value.length === 0) {
    return refuse('keys', 'one at least, as without any everybody may do everything; for that, name no file of keys');
  }
  const seen = new Map<string, number>();
  return value.map((each: unknown, index): KeyEntry => {
    const place = `keys[${index}]`;
    const {
      name,
      role,
      hash: digits,
    } = (typeof each === 'object' && each !== null ? each : {}) as Partial<Record<keyof KeyEntry, unknown>>;
    if (typeof name !== 'string' || name === '') return refuse(`${place}.name`, 'a text');
    if (!isRole(role)) return refuse(`${place}.role`, `one of ${ROLES.join(', ')}`);
    if (typeof digits !== 'string' || !HASH.test(digits)) return refuse(`${place}.hash`, '64 hex digits');
    const first = seen.get(digits);
    if (first !== undefined) return refuse(`${place}.hash`, `another key than that of keys[${first}]`);
    seen.set(digits, index);
    return { name, role, hash: digits };
  });
}

/** Looked up by hash, so the time taken tells nothing of how much of a key was right. */
export function createKeyRing(entries: readonly KeyEntry[]): KeyRing {
  const byHash = new Map(entries.map((entry) => [entry.hash, entry]));
  return { isEmpty: entries.length === 0, find: (key) => byHash.get(hashKey(key)) };
}

/** The key in `X-API-Key: KEY` or `Authorization: Bearer KEY`; undefined when there is none. An empty header is none. */
export function presentedKey(
  authorization: string | undefined,
  apiKey: string | readonly string[] | undefined,
): string | undefined {
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  return authorization === undefined ? undefined : /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
}
