/** CRC-32C (Castagnoli), which Kafka's batches carry. Source: RFC 3720, appendix B.4; eight bytes at a time: M. E. Kounavis, F. L. Berry, 2005. */

/** Reflected. */
const POLYNOMIAL = 0x82f63b78;
const BYTES = 256;
const AT_A_TIME = 8;

/** Table `k` at `k × 256`: what a byte comes to that `k` further bytes follow. */
const TABLES = new Int32Array(BYTES * AT_A_TIME);
for (let byte = 0; byte < BYTES; byte++) {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  TABLES[byte] = rest;
}
for (let at = BYTES; at < TABLES.length; at++) {
  const before = TABLES[at - BYTES]!;
  TABLES[at] = (before >>> 8) ^ TABLES[before & 0xff]!;
}

/** Of bytes[start, end), unsigned. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (; at + AT_A_TIME <= end; at += AT_A_TIME) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      TABLES[1792 + (crc & 0xff)]! ^
      TABLES[1536 + ((crc >>> 8) & 0xff)]! ^
      TABLES[1280 + ((crc >>> 16) & 0xff)]! ^
      TABLES[1024 + (crc >>> 24)]! ^
      TABLES[768 + bytes[at + 4]!]! ^
      TABLES[512 + bytes[at + 5]!]! ^
      TABLES[256 + bytes[at + 6]!]! ^
      TABLES[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLES[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
