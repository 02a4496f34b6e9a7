/**
 * The side file of a sealed segment: what it holds, and where each answered id lies.
 *
 *     offset  bytes  field (little-endian)
 *          0      8  magic "SENTIDX1"
 *          8      8  number of the segment, f64
 *         16     16  first and last seq, f64
 *         32     16  first and last arrival, epoch milliseconds, f64
 *         48      8  where the last block ends, f64
 *         56      8  count of ids, f64
 *         64     64  MAC before the first block, MAC of the last block
 *        128   40 n  fingerprints [n, 4], request hashes [n, 4], seq − first seq [n], offsets [n]; u32, sorted by fingerprint
 *       …+32     32  MAC over all before
 */
import { equalBytes, type Mac, MAC_BYTES } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { type IdColumns } from '../../journal/id-memory.ts';
import { inSlices } from '../system/in-slices.ts';

const MAGIC = Uint8Array.from('SENTIDX1', (letter) => letter.charCodeAt(0));
const HEADER_BYTES = 128;
const BYTES_PER_ID = 40;

export interface SegmentSummary {
  readonly number: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
  /** Where the last block ends. */
  readonly end: number;
  readonly previousMac: Uint8Array;
  readonly mac: Uint8Array;
}

export interface SegmentIndex {
  readonly summary: SegmentSummary;
  readonly ids: IdColumns;
}

/** Encodes in slices between which other work goes on. */
export async function encodeIndex(summary: SegmentSummary, ids: IdColumns, mac: Mac): Promise<Uint8Array> {
  const count = ids.offsets.length;
  const size = HEADER_BYTES + BYTES_PER_ID * count;
  const bytes = new Uint8Array(size + MAC_BYTES);
  const view = viewOf(bytes);
  bytes.set(MAGIC);
  const numbers = [
    summary.number,
    summary.firstSeq,
    summary.lastSeq,
    summary.firstArrivalMs,
    summary.lastArrivalMs,
    summary.end,
    count,
  ];
  numbers.forEach((value, index) => view.setFloat64(8 + 8 * index, value, true));
  bytes.set(summary.previousMac, 64);
  bytes.set(summary.mac, 64 + MAC_BYTES);
  const words = new Uint32Array(bytes.buffer, HEADER_BYTES, 10 * count);
  const base = ids.firstSeq - summary.firstSeq;
  const order = await sortedOrder(ids.fingerprints);
  await inSlices(count, (index) => {
    const row = order[index]!;
    for (let word = 0; word < 4; word += 1) {
      words[4 * index + word] = ids.fingerprints[4 * row + word]!;
      words[4 * (count + index) + word] = ids.requestHashes[4 * row + word]!;
    }
    words[8 * count + index] = ids.seqs[row]! + base;
    words[9 * count + index] = ids.offsets[row]!;
  });
  bytes.set(mac(bytes.subarray(0, size)), size);
  return bytes;
}

/** The index in `bytes`; undefined when they are not what `encodeIndex` wrote under this key. */
export function decodeIndex(bytes: Uint8Array, mac: Mac): SegmentIndex | undefined {
  const size = bytes.length - MAC_BYTES;
  if (size < HEADER_BYTES || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) return undefined;
  if (!equalBytes(mac(bytes.subarray(0, size)), bytes.subarray(size))) return undefined;
  const view = viewOf(bytes);
  const number = (index: number): number => view.getFloat64(8 + 8 * index, true);
  const count = number(6);
  if (size !== HEADER_BYTES + BYTES_PER_ID * count) return undefined;
  const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset + HEADER_BYTES, bytes.byteOffset + size));
  return {
    summary: {
      number: number(0),
      firstSeq: number(1),
      lastSeq: number(2),
      firstArrivalMs: number(3),
      lastArrivalMs: number(4),
      end: number(5),
      previousMac: bytes.slice(64, 64 + MAC_BYTES),
      mac: bytes.slice(64 + MAC_BYTES, HEADER_BYTES),
    },
    ids: {
      firstSeq: number(1),
      fingerprints: words.subarray(0, 4 * count),
      requestHashes: words.subarray(4 * count, 8 * count),
      seqs: words.subarray(8 * count, 9 * count),
      offsets: words.subarray(9 * count),
    },
  };
}

/** Row of `fingerprint` in sorted columns, −1 when absent. */
export function findRow(ids: IdColumns, fingerprint: Uint32Array): number {
  let low = 0;
  let high = ids.offsets.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const difference = compareRows(ids.fingerprints, middle, fingerprint, 0);
    if (difference === 0) return middle;
    if (difference < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function compareRows(a: Uint32Array, row: number, b: Uint32Array, other: number): number {
  for (let word = 0; word < 4; word += 1) {
    const difference = a[4 * row + word]! - b[4 * other + word]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** High bits of the first word that rows are first dealt by: a few rows a bucket at the sizes of segments. */
const BUCKET_BITS = 16;

/** Row numbers in ascending order of fingerprint: dealt into buckets, then ordered within each by insertion. */
async function sortedOrder(fingerprints: Uint32Array): Promise<Uint32Array> {
  const rows = fingerprints.length / 4;
  const starts = new Uint32Array((1 << BUCKET_BITS) + 1);
  const bucketOf = (row: number): number => fingerprints[4 * row]! >>> (32 - BUCKET_BITS);
  for (let row = 0; row < rows; row += 1) starts[bucketOf(row) + 1]! += 1;
  for (let bucket = 0; bucket < 1 << BUCKET_BITS; bucket += 1) starts[bucket + 1]! += starts[bucket]!;
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row += 1) order[starts[bucketOf(row)]!++] = row;
  await inSlices(rows, (index) => {
    const row = order[index]!;
    let at = index;
    while (at > 0 && compareRows(fingerprints, order[at - 1]!, fingerprints, row) > 0) {
      order[at] = order[at - 1]!;
      at -= 1;
    }
    order[at] = row;
  });
  return order;
}
