/** Keyed tokens and hashes at the edge: what stands for a card number, and what tells two requests apart. */
import { createHmac, hash } from 'node:crypto';

/** Bytes of the MAC kept: 128 bits make a chance collision of two cards negligible. */
const TOKEN_BYTES = 16;
const HASH_DIGITS = 32;

/** `pan_<key version>_<32 hex digits>`: HMAC-SHA-256 of the digits, cut to 128 bits. Source: RFC 2104. */
export function createPanTokeniser(secret: Uint8Array, keyVersion: string): (pan: string) => string {
  return (pan) =>
    `pan_${keyVersion}_${createHmac('sha256', secret).update(pan).digest().subarray(0, TOKEN_BYTES).toString('hex')}`;
}

/** First 128 bits of SHA-256 of the UTF-8 of `text`, 32 hex digits. */
export function hashRequest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, HASH_DIGITS);
}
