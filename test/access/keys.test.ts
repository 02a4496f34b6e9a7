/** API keys: made, recognised, presented. */
import { describe, expect, it } from 'vitest';
import { createKey, createKeyRing, hashKey, presentedKey, readKeyEntries } from '../../src/access/keys.ts';

describe('API keys', () => {
  it('are recognised by their hash and never stored', () => {
    const { key, entry } = createKey('shop', 'scorer');
    expect(JSON.stringify(entry)).not.toContain(key);
    expect(entry).toEqual({ name: 'shop', role: 'scorer', hash: hashKey(key) });
    const ring = createKeyRing([entry]);
    expect(ring.find(key)).toBe(entry);
    expect(ring.find(`${key}x`)).toBeUndefined();
    expect(ring.find(entry.hash)).toBeUndefined();
    expect(ring.isEmpty).toBe(false);
  });

  it('are never made twice and hold 256 random bits', () => {
    const keys = Array.from({ length: 100 }, () => createKey('k', 'admin').key);
    expect(new Set(keys).size).toBe(100);
    expect(keys[0]!.slice('sentinel_admin_'.length)).toMatch(/^[\w-]{43}$/);
  });

  it('come in either header', () => {
    expect(presentedKey('Bearer abc', undefined)).toBe('abc');
    expect(presentedKey('bearer abc', undefined)).toBe('abc');
    expect(presentedKey(undefined, 'abc')).toBe('abc');
    expect(presentedKey('Basic abc', undefined)).toBeUndefined();
    expect(presentedKey('Bearer a b', undefined)).toBeUndefined();
    expect(presentedKey(undefined, undefined)).toBeUndefined();
    expect(presentedKey('Bearer abc', '')).toBe('abc'); // an empty header, as a proxy or an unset variable leaves it, is none
    expect(presentedKey(undefined, '')).toBeUndefined();
  });
});

describe('a file of API keys', () => {
  it('without a key in it is refused: with the last one revoked the service would be open to everybody', () => {
    expect(() => readKeyEntries([], 'keys.json')).toThrow('keys.json, keys: expected one at least');
  });

  it('that names a key twice is refused: one of the two roles would be passed over', () => {
    const { entry } = createKey('shop', 'scorer');
    expect(readKeyEntries([entry], 'keys.json')).toEqual([entry]);
    expect(() => readKeyEntries([entry, { ...entry, role: 'admin' }], 'keys.json')).toThrow(
      'keys.json, keys[1].hash: expected another key than that of keys[0]',
    );
  });
});
