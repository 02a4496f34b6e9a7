/** What the record codecs need of the platform: checksums and the copying of texts. */
import { crc32 } from 'node:zlib';
import { type BytePrimitives } from '../../journal/frame.ts';

interface StringCopiers {
  latin1Write(this: Uint8Array, text: string, at: number, length: number): number;
  ucs2Write(this: Uint8Array, text: string, at: number, length: number): number;
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  ucs2Slice(this: Uint8Array, start: number, end: number): string;
}

// These methods are on Buffer.prototype but not in its types; they work on any Uint8Array, without a view per call.
const { latin1Write, ucs2Write, latin1Slice, ucs2Slice } = Buffer.prototype as unknown as StringCopiers;

export const PRIMITIVES: BytePrimitives = {
  crc32: (bytes, start, end) => crc32(bytes.subarray(start, end)),
  takeCharacters: (bytes, start, end, width) => (width === 1 ? latin1Slice : ucs2Slice).call(bytes, start, end),
  putCharacters: (bytes, at, text, width) => {
    if (width === 1) latin1Write.call(bytes, text, at, text.length);
    else ucs2Write.call(bytes, text, at, 2 * text.length);
  },
};
