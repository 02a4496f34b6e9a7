import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepSecret, secretFile } from '../../../src/adapters/system/secret-file.ts';
import { aDirectory } from '../../support/directories.ts';

it('is made once, for its owner alone, and nothing else is left beside it', () => {
  const directory = join(aDirectory(), 'data');
  const path = join(directory, 'token.key');
  const secret = secretFile(path);
  expect(secret).toHaveLength(32);
  expect(secretFile(path)).toEqual(secret);
  keepSecret(path, Buffer.alloc(32, 7));
  expect(secretFile(path)).toEqual(secret);
  expect(readdirSync(directory)).toEqual(['token.key']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('is refused when it is empty, short or long, and says what to do', () => {
  for (const length of [0, 31, 64]) {
    const path = join(aDirectory(), 'token.key');
    writeFileSync(path, Buffer.alloc(length, 1));
    expect(() => secretFile(path)).toThrow(
      `${path} holds ${length} bytes where a key has 32: put it back from a backup`,
    );
  }
});
