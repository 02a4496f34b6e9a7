/** API keys: made once, stored hashed, recognised by their hash. */
import { hash, randomBytes } from 'node:crypto';
import { type Role } from './roles.ts';

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

export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** A new random key and the entry to store. */
export function createKey(name: string, role: Role): { readonly key: string; readonly entry: KeyEntry } {
  const key = `sentinel_${role}_${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { key, entry: { name, role, hash: hashKey(key) } };
}

/** Looked up by hash, so the time taken tells nothing of how much of a key was right. */
export function createKeyRing(entries: readonly KeyEntry[]): KeyRing {
  const byHash = new Map(entries.map((entry) => [entry.hash, entry]));
  return { isEmpty: entries.length === 0, find: (key) => byHash.get(hashKey(key)) };
}

/** The key in `Authorization: Bearer KEY` or `X-API-Key: KEY`; undefined when there is none. */
export function presentedKey(
  authorization: string | undefined,
  apiKey: string | readonly string[] | undefined,
): string | undefined {
  if (typeof apiKey === 'string') return apiKey;
  return authorization === undefined ? undefined : /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
}
