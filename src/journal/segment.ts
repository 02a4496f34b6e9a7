/**
 * The header of a segment file; blocks follow it at byte 128, and zeros follow the last block.
 *
 *     offset  bytes  field (little-endian)
 *          0      8  magic "SENTSEG1"
 *          8      4  format of the segment
 *         12      4  bytes of this header
 *         16      8  seq of the first record, f64
 *         24      8  number of the segment, 1 and up, f64
 *         32     16  id of the chain's key
 *         48     32  MAC of the last block of the segment before; zeros in the first
 *         80     32  MAC over bytes 0–79
 *        112     16  zeros
 */
import { equalBytes, isZero, type Mac, MAC_BYTES } from './block.ts';

export const SEGMENT_HEADER_BYTES = 128;
export const KEY_ID_BYTES = 16;
const SEGMENT_FORMAT = 1;
const MAGIC = Uint8Array.from('SENTSEG1', (letter) => letter.charCodeAt(0));
const KEY_ID_AT = 32;
const MAC_AT = 80;

export interface SegmentHeader {
  readonly firstSeq: number;
  readonly number: number;
  readonly keyId: Uint8Array;
  readonly previousMac: Uint8Array;
}

export type InspectedSegment =
  | { readonly kind: 'segment'; readonly header: SegmentHeader }
  /** Allocated, not begun. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'damaged'; readonly problem: string };

export function putSegmentHeader(bytes: Uint8Array, view: DataView, header: SegmentHeader, mac: Mac): void {
  bytes.fill(0, 0, SEGMENT_HEADER_BYTES);
  bytes.set(MAGIC, 0);
  view.setUint32(8, SEGMENT_FORMAT, true);
  view.setUint32(12, SEGMENT_HEADER_BYTES, true);
  view.setFloat64(16, header.firstSeq, true);
  view.setFloat64(24, header.number, true);
  bytes.set(header.keyId, KEY_ID_AT);
  bytes.set(header.previousMac, 48);
  bytes.set(mac(bytes.subarray(0, MAC_AT)), MAC_AT);
}

/** Reads the header in the first SEGMENT_HEADER_BYTES of `bytes`. */
export function inspectSegment(bytes: Uint8Array, view: DataView, keyId: Uint8Array, mac: Mac): InspectedSegment {
  if (isZero(bytes, 0, Math.min(bytes.length, SEGMENT_HEADER_BYTES))) return { kind: 'empty' };
  if (bytes.length < SEGMENT_HEADER_BYTES) return damaged('the segment header is cut off');
  if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) return damaged('this is no segment');
  const format = view.getUint32(8, true);
  if (format !== SEGMENT_FORMAT) {
    return damaged(
      `segment format ${format} is not known to this version, which reads ${SEGMENT_FORMAT}; run the version that wrote it`,
    );
  }
  const header: SegmentHeader = {
    firstSeq: view.getFloat64(16, true),
    number: view.getFloat64(24, true),
    keyId: keyIdIn(bytes),
    previousMac: bytes.slice(48, MAC_AT),
  };
  if (!equalBytes(header.keyId, keyId)) return damaged('the segment was written under another key');
  const genuine = equalBytes(mac(bytes.subarray(0, MAC_AT)), bytes.subarray(MAC_AT, MAC_AT + MAC_BYTES));
  return genuine && isZero(bytes, MAC_AT + MAC_BYTES, SEGMENT_HEADER_BYTES)
    ? { kind: 'segment', header }
    : damaged('the segment header does not match its MAC');
}

/** Which key a header says it was written with. */
export function keyIdIn(header: Uint8Array): Uint8Array {
  return header.slice(KEY_ID_AT, KEY_ID_AT + KEY_ID_BYTES);
}

function damaged(problem: string): InspectedSegment {
  return { kind: 'damaged', problem };
}
