import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentEnd } from '../../src/journal/scan.ts';

describe('contentEnd', () => {
  it('is behind the last byte that is not zero, wherever it lies and wherever the search begins', () => {
    fc.assert(
      fc.property(
        fc.nat(200_000),
        fc.array(fc.nat(199_999), { maxLength: 3 }),
        fc.nat(200_000),
        fc.nat(9),
        (length, places, from, shift) => {
          const bytes = new Uint8Array(shift + length).subarray(shift);
          for (const place of places) bytes[place] = 1; // beyond the end nothing is set
          const last = bytes.findLastIndex((byte) => byte !== 0);
          expect(contentEnd(bytes, Math.min(from, length))).toBe(Math.max(Math.min(from, length), last + 1));
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 131_071, 131_072])('finds a byte at %i of three blocks', (place) => {
    const bytes = new Uint8Array(196_608);
    bytes[place] = 1;
    expect(contentEnd(bytes, 0)).toBe(place + 1);
  });
});
