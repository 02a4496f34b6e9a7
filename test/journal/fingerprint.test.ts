import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fingerprint } from '../../src/journal/fingerprint.ts';

interface Golden {
  readonly id: string;
  readonly seed: number;
  readonly words: readonly number[];
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/fingerprint/golden.json'), 'utf8'),
) as readonly Golden[];

it('equals MurmurHash3_x86_128 of the UTF-16 text for every length of tail', () => {
  for (const { id, seed, words } of golden) {
    const out = new Uint32Array(5);
    fingerprint(id, seed, out, 1);
    expect({ id, seed, words: [...out.subarray(1)] }).toEqual({ id, seed, words });
  }
});
