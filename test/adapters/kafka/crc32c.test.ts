/** The published values, and any part of the bytes at any place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../src/adapters/kafka/crc32c.ts';

/** Source: RFC 3720, appendix B.4; the last is the check value of the CRC catalogue (CRC-32/ISCSI). */
const PUBLISHED: readonly (readonly [string, Uint8Array, number])[] = [
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['31 to 0', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
];

describe('crc32c', () => {
  it.each(PUBLISHED)('of %s is as published', (_, bytes, expected) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(expected);
  });

  it('is that of the part alone, wherever it lies', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), fc.nat(60), (bytes, one, other) => {
        const [start, end] = [Math.min(one, other, bytes.length), Math.min(Math.max(one, other), bytes.length)];
        expect(crc32c(bytes, start, end)).toBe(crc32c(bytes.slice(start, end), 0, end - start));
      }),
    );
  });
});
