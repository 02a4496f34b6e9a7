/**
 * 128-bit fingerprints of transaction ids, so that millions are remembered in typed arrays.
 *
 * MurmurHash3_x86_128 over the id's UTF-16 code units (little-endian), two units a word.
 * Source: A. Appleby, MurmurHash3, SMHasher, 2011 (public domain), 128-bit variant for x86.
 */
const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;
/** Code units of one 16-byte block. */
const UNITS_PER_BLOCK = 8;

/** Writes the four words of the fingerprint of `id` to out[at, at + 4). */
export function fingerprint(id: string, seed: number, out: Uint32Array, at: number): void {
  const units = id.length;
  const tail = units - (units % UNITS_PER_BLOCK);
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  for (let unit = 0; unit < tail; unit += UNITS_PER_BLOCK) {
    h1 ^= mixKey(word(id, unit), C1, 15, C2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= mixKey(word(id, unit + 2), C2, 16, C3);
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= mixKey(word(id, unit + 4), C3, 17, C4);
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= mixKey(word(id, unit + 6), C4, 18, C1);
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  const left = units - tail;
  if (left > 6) h4 ^= mixKey(lastWord(id, tail + 6), C4, 18, C1);
  if (left > 4) h3 ^= mixKey(lastWord(id, tail + 4), C3, 17, C4);
  if (left > 2) h2 ^= mixKey(lastWord(id, tail + 2), C2, 16, C3);
  if (left > 0) h1 ^= mixKey(lastWord(id, tail), C1, 15, C2);

  const bytes = 2 * units;
  h1 ^= bytes;
  h2 ^= bytes;
  h3 ^= bytes;
  h4 ^= bytes;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h3 = avalanche(h3);
  h4 = avalanche(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[at] = h1;
  out[at + 1] = h2 + h1;
  out[at + 2] = h3 + h1;
  out[at + 3] = h4 + h1;
}

function word(id: string, unit: number): number {
  return id.charCodeAt(unit) | (id.charCodeAt(unit + 1) << 16);
}

/** The word at `unit`, its high half zero where the id ends. */
function lastWord(id: string, unit: number): number {
  return unit + 1 < id.length ? word(id, unit) : id.charCodeAt(unit);
}

function mixKey(key: number, first: number, bits: number, second: number): number {
  return Math.imul(rotate(Math.imul(key, first), bits), second);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function avalanche(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
