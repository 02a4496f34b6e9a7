/** 128-bit hashes: 32 lower-case hex digits as four words and back. */
import { type ByteReader, type ByteWriter, putU32, takeU32 } from './bytes.ts';

/** Words of a 128-bit hash. */
export const HASH_WORDS = 4;
const DIGITS_PER_WORD = 8;

/** What each character is worth as a digit; −1 where it is none. */
const DIGIT_VALUES = new Int8Array(256).fill(-1);
'0123456789abcdef'.split('').forEach((digit, value) => (DIGIT_VALUES[digit.charCodeAt(0)] = value));

/** Digits of one byte, by value. */
const BYTE_TEXTS = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Word `index` (0..3) of `hash`, its first digit the highest. Throws a TypeError on anything but lower-case hex. */
export function hashWord(hash: string, index: number): number {
  let word = 0;
  let every = 0;
  for (let at = DIGITS_PER_WORD * index; at < DIGITS_PER_WORD * (index + 1); at += 1) {
    const digit = DIGIT_VALUES[hash.charCodeAt(at)] ?? -1;
    every |= digit;
    word = (word << 4) | digit;
  }
  if (every < 0) throw new TypeError(`invalid request hash: ${hash}`);
  return word >>> 0;
}

export function wordText(word: number): string {
  return (
    BYTE_TEXTS[word >>> 24]! +
    BYTE_TEXTS[(word >>> 16) & 255]! +
    BYTE_TEXTS[(word >>> 8) & 255]! +
    BYTE_TEXTS[word & 255]!
  );
}

export function putHash(writer: ByteWriter, hash: string): void {
  if (hash.length !== HASH_WORDS * DIGITS_PER_WORD) throw new TypeError(`invalid request hash: ${hash}`);
  for (let index = 0; index < HASH_WORDS; index += 1) putU32(writer, hashWord(hash, index));
}

export function takeHash(reader: ByteReader): string {
  return wordText(takeU32(reader)) + wordText(takeU32(reader)) + wordText(takeU32(reader)) + wordText(takeU32(reader));
}
