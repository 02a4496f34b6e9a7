/**
 * A commit block: the records of one group commit, chained to the block before by a keyed MAC.
 *
 *     offset  bytes  field (little-endian)
 *          0      4  magic "SBLK"
 *          4      4  format
 *          8      4  count of records
 *         12      4  bytes that follow this header
 *         16      8  seq of the first record, f64
 *         24     32  MAC of the block before; zeros in the first block ever
 *         56     32  MAC over bytes 0–55 and all that follows this header
 *         88      …  records, frame after frame
 *        …+8      8  trailer "BLOCKEND": without zeros, so that a block cut anywhere ends in one
 */
import { frameLength, frameSeq } from './frame.ts';

export const BLOCK_HEADER_BYTES = 88;
export const BLOCK_TRAILER_BYTES = 8;
export const MAC_BYTES = 32;
const BLOCK_MAGIC = 0x4b4c4253;
const BLOCK_FORMAT = 1;
const TRAILER = Uint8Array.from('BLOCKEND', (letter) => letter.charCodeAt(0));
/** The least a disk writes whole or not at all. */
const SECTOR_BYTES = 512;
const PREVIOUS_MAC_AT = 24;
const MAC_AT = 56;

/** A 32-byte keyed MAC over the parts in order. */
export type Mac = (...parts: readonly Uint8Array[]) => Uint8Array;

export interface BlockHeader {
  readonly count: number;
  /** Bytes of header, records and trailer together. */
  readonly length: number;
  readonly firstSeq: number;
  readonly previousMac: Uint8Array;
  readonly mac: Uint8Array;
}

/** What stands at a place where a block may begin. */
export type Inspected =
  | { readonly kind: 'block'; readonly header: BlockHeader }
  /** Nothing was written here. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'damaged'; readonly problem: string };

/** Completes the block in bytes[start, end), whose records lie between the room for header and trailer; returns its MAC. */
export function sealBlock(
  bytes: Uint8Array,
  view: DataView,
  range: { readonly start: number; readonly end: number },
  content: { readonly count: number; readonly firstSeq: number; readonly previousMac: Uint8Array },
  mac: Mac,
): Uint8Array {
  const { start, end } = range;
  view.setUint32(start, BLOCK_MAGIC, true);
  view.setUint32(start + 4, BLOCK_FORMAT, true);
  view.setUint32(start + 8, content.count, true);
  view.setUint32(start + 12, end - start - BLOCK_HEADER_BYTES, true);
  view.setFloat64(start + 16, content.firstSeq, true);
  bytes.set(TRAILER, end - BLOCK_TRAILER_BYTES);
  bytes.set(content.previousMac, start + PREVIOUS_MAC_AT);
  const own = macOf(bytes, start, end, mac);
  bytes.set(own, start + MAC_AT);
  return own;
}

function macOf(bytes: Uint8Array, start: number, end: number, mac: Mac): Uint8Array {
  return mac(bytes.subarray(start, start + MAC_AT), bytes.subarray(start + BLOCK_HEADER_BYTES, end));
}

/** The header at `at` as it says of itself; undefined when it is no block header or claims to pass `end`. */
export function readBlockHeader(bytes: Uint8Array, view: DataView, at: number, end: number): BlockHeader | undefined {
  if (at + BLOCK_HEADER_BYTES > end || view.getUint32(at, true) !== BLOCK_MAGIC) return undefined;
  const length = BLOCK_HEADER_BYTES + view.getUint32(at + 12, true);
  if (view.getUint32(at + 4, true) !== BLOCK_FORMAT || at + length > end) return undefined;
  return {
    count: view.getUint32(at + 8, true),
    length,
    firstSeq: view.getFloat64(at + 16, true),
    previousMac: bytes.subarray(at + PREVIOUS_MAC_AT, at + MAC_AT),
    mac: bytes.subarray(at + MAC_AT, at + BLOCK_HEADER_BYTES),
  };
}

/** The block at `at`, its own MAC checked; whether it follows the block before is `linkProblem`'s question. */
export function inspectBlock(bytes: Uint8Array, view: DataView, at: number, end: number, mac: Mac): Inspected {
  if (at + BLOCK_HEADER_BYTES > end || isZero(bytes, at, at + BLOCK_HEADER_BYTES)) {
    return at < end && !isZero(bytes, at, Math.min(end, at + BLOCK_HEADER_BYTES))
      ? { kind: 'damaged', problem: 'the block header is cut off' }
      : { kind: 'empty' };
  }
  const header = readBlockHeader(bytes, view, at, end);
  if (header === undefined) return { kind: 'damaged', problem: 'the block header is not readable' };
  return equalBytes(macOf(bytes, at, at + header.length, mac), header.mac)
    ? { kind: 'block', header }
    : { kind: 'damaged', problem: 'the block does not match its MAC' };
}

/**
 * Whether the damaged block at `at`, the last thing written, was cut by the end of its process or of the power: then
 * sectors or the rest of it are still the zeros they were. A block that is there in full was damaged later.
 */
export function isTorn(bytes: Uint8Array, view: DataView, at: number): boolean {
  const header = readBlockHeader(bytes, view, at, bytes.length);
  const end = header === undefined ? Math.min(bytes.length, at + BLOCK_HEADER_BYTES) : at + header.length;
  if (bytes[end - 1] === 0 && (header !== undefined || isZero(bytes, end, bytes.length))) return true;
  for (let start = at; start < end;) {
    const next = Math.min(end, (Math.floor(start / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    if (isZero(bytes, start, next)) return true;
    start = next;
  }
  return false;
}

/** What is wrong with `header` as the follower of a block ending the chain at (`nextSeq`, `mac`). */
export function linkProblem(header: BlockHeader, nextSeq: number, mac: Uint8Array): string | undefined {
  if (header.firstSeq !== nextSeq) return `the block begins with seq ${header.firstSeq} where ${nextSeq} is due`;
  return equalBytes(header.previousMac, mac) ? undefined : 'the block does not continue the chain';
}

/**
 * The first place in [from, end) where a whole block with seq ≥ `fromSeq` begins, at a multiple of 8 from `from`;
 * undefined when there is none. Only such a block tells damage from a torn tail.
 */
export function findBlock(
  bytes: Uint8Array,
  view: DataView,
  range: { readonly from: number; readonly end: number; readonly fromSeq: number },
  mac: Mac,
): number | undefined {
  for (let at = range.from; at + BLOCK_HEADER_BYTES <= range.end; at += 8) {
    if (view.getUint32(at, true) !== BLOCK_MAGIC) continue;
    const found = inspectBlock(bytes, view, at, range.end, mac);
    if (found.kind === 'block' && found.header.firstSeq >= range.fromSeq) return at;
  }
  return undefined;
}

/** Calls `visit` with the place of each frame of the block at `at`; returns what is wrong with their lengths or seqs. */
export function walkFrames(
  view: DataView,
  at: number,
  header: BlockHeader,
  visit: (frameAt: number) => void,
): { readonly seq: number; readonly problem: string } | undefined {
  const end = at + header.length - BLOCK_TRAILER_BYTES;
  let frameAt = at + BLOCK_HEADER_BYTES;
  for (let index = 0; index < header.count; index += 1) {
    const seq = header.firstSeq + index;
    if (frameAt + 32 > end) return { seq, problem: 'the block ends before its last record' };
    const length = frameLength(view, frameAt);
    if (length < 32 || length % 8 !== 0 || frameAt + length > end) {
      return { seq, problem: `the record length ${length} is impossible` };
    }
    if (frameSeq(view, frameAt) !== seq) {
      return { seq, problem: `the record says seq ${frameSeq(view, frameAt)} where ${seq} is due` };
    }
    visit(frameAt);
    frameAt += length;
  }
  return frameAt === end
    ? undefined
    : { seq: header.firstSeq + header.count, problem: 'the block holds more than its records' };
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

export function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
