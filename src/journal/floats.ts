/**
 * Arrays of doubles as their bits, without the zero words most of them carry.
 *
 * Grammar: count u32 · ⌈count / 4⌉ bytes of tags, two bits a value, the first in the lowest · 32-bit words.
 * A tag says which words follow: 0 none (+0), 1 the high word (small integers, halves, NaN, ±∞, −0), 2 high then low.
 * Only bits are moved, so every value, NaN payloads and −0 included, comes back as it was.
 */
import { type ByteReader, type ByteWriter } from './bytes.ts';

const NONE = 0;
const HIGH = 1;
const BOTH = 2;
const VALUES_PER_TAG_BYTE = 4;

/** The words of a Float64Array lie low before high on every platform Node supports but s390x; this says which. */
const LOW_FIRST = new Uint32Array(new Float64Array([1]).buffer)[1] !== 0;
const HIGH_AT = LOW_FIRST ? 1 : 0;

export function putFloats(writer: ByteWriter, values: Float64Array): void {
  const { view } = writer;
  const count = values.length;
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * count);
  let tagAt = writer.at + 4;
  let at = tagAt + Math.ceil(count / VALUES_PER_TAG_BYTE);
  view.setUint32(writer.at, count, true);
  for (let first = 0; first < count; first += VALUES_PER_TAG_BYTE) {
    const last = Math.min(first + VALUES_PER_TAG_BYTE, count);
    let tags = 0;
    for (let index = first; index < last; index += 1) {
      const high = words[2 * index + HIGH_AT]!;
      const low = words[2 * index + 1 - HIGH_AT]!;
      if (low !== 0) {
        tags |= BOTH << (2 * (index - first));
        view.setInt32(at, high, true);
        view.setInt32(at + 4, low, true);
        at += 8;
      } else if (high !== 0) {
        tags |= HIGH << (2 * (index - first));
        view.setInt32(at, high, true);
        at += 4;
      }
    }
    view.setUint8(tagAt, tags);
    tagAt += 1;
  }
  writer.at = at;
}

export function takeFloats(reader: ByteReader): Float64Array {
  const { view } = reader;
  const count = view.getUint32(reader.at, true);
  let tagAt = reader.at + 4;
  let at = tagAt + Math.ceil(count / VALUES_PER_TAG_BYTE);
  if (at > view.byteLength) throw new RangeError('an array of numbers runs past the end of its record');
  const values = new Float64Array(count);
  const words = new Int32Array(values.buffer);
  for (let first = 0; first < count; first += VALUES_PER_TAG_BYTE) {
    const last = Math.min(first + VALUES_PER_TAG_BYTE, count);
    let tags = view.getUint8(tagAt);
    tagAt += 1;
    for (let index = first; index < last; index += 1) {
      const tag = tags & 3;
      tags >>= 2;
      if (tag === NONE) continue;
      words[2 * index + HIGH_AT] = view.getInt32(at, true);
      at += 4;
      if (tag !== BOTH) continue;
      words[2 * index + 1 - HIGH_AT] = view.getInt32(at, true);
      at += 4;
    }
  }
  reader.at = at;
  return values;
}
