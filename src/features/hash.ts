/** Fixed hashes of texts: 32 bits for values inside a profile, 128 bits for the keys of profiles. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';

/** Odd 32-bit multipliers without pattern. Source: digits of √2, √3, √5, √7 after the point, made odd. */
const MULTIPLIER_A = 0x6a09e667;
const MULTIPLIER_B = 0xbb67ae85;
const MULTIPLIER_C = 0x3c6ef373;
const MULTIPLIER_D = 0xa54ff53b;

/** A bijection of 32 bits that mixes well. Source: A. Appleby, MurmurHash3, 2011, 32-bit finaliser. */
function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** 32 bits of a text, 1..2^32−1: zero stands for "none". Source: FNV-1a over UTF-16 units, finalised. */
export function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h) >>> 0 || 1;
}

/** Four words of one entity's key, into `out` [4]. */
export function hashEntity(kind: EntityKind, id: string, out: Uint32Array): void {
  hashId(ENTITY_KINDS.indexOf(kind), id, out);
}

/** The same, for the kind at `position` of ENTITY_KINDS: four multiplicative lanes over UTF-16 units, mixed at the end. */
export function hashId(position: number, id: string, out: Uint32Array): void {
  const seed = position + 1;
  let a = Math.imul(seed, MULTIPLIER_D);
  let b = Math.imul(seed, MULTIPLIER_C);
  let c = Math.imul(seed, MULTIPLIER_B);
  let d = Math.imul(seed, MULTIPLIER_A);
  const last = id.length - 1;
  for (let i = 0; i <= last; i += 2) {
    const unit = i === last ? id.charCodeAt(i) : id.charCodeAt(i) | (id.charCodeAt(i + 1) << 16);
    a = Math.imul(a ^ unit, MULTIPLIER_A);
    b = Math.imul(b ^ unit, MULTIPLIER_B);
    c = Math.imul(c ^ unit, MULTIPLIER_C);
    d = Math.imul(d ^ unit, MULTIPLIER_D);
    // bits only climb in a product: rotate, so that high halves reach the low bits too
    a = (a << 13) | (a >>> 19);
    b = (b << 7) | (b >>> 25);
    c = (c << 19) | (c >>> 13);
    d = (d << 27) | (d >>> 5);
  }
  a = mix(a ^ id.length);
  b = mix(b ^ a);
  c = mix(c ^ b);
  d = mix(d ^ c);
  out[0] = a ^ d;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** 128 bits of a text as 32 hex digits, for fingerprints of catalogues. */
export function hashHex(text: string): string {
  const words = new Uint32Array(4);
  hashEntity('user', text, words);
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}
