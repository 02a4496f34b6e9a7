/** Reads one segment from its bytes: the records' places, the ids in it, where its chain ends or breaks. */
import { type IdColumns } from '../../journal/id-memory.ts';
import { open } from 'node:fs/promises';
import { SentinelError } from '../../domain/errors.ts';
import { type BlockHeader, isZero, type Mac } from '../../journal/block.ts';
import { fingerprint } from '../../journal/fingerprint.ts';
import { frameArrivalMs, frameSeq, frameTransactionId, isDecisionFrame, requestHashAt } from '../../journal/frame.ts';
import { type ChainPlace, type Damage, scanBlocks } from '../../journal/scan.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from '../../journal/segment.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { type SegmentSummary } from './segment-index.ts';

export interface ScannedSegment {
  readonly summary: SegmentSummary;
  readonly ids: IdColumns;
  /** Where the chain ends, or stands before the damage. */
  readonly place: ChainPlace;
  readonly damage?: Damage;
}

export function corrupt(path: string, offset: number, problem: string): SentinelError {
  return new SentinelError('JOURNAL_CORRUPT', { place: `${path}, byte ${offset}`, problem });
}

export function startOfChain(header: SegmentHeader): ChainPlace {
  return { at: SEGMENT_HEADER_BYTES, nextSeq: header.firstSeq, mac: header.previousMac };
}

/** The first bytes of a file, as many as there are up to SEGMENT_HEADER_BYTES. */
export async function readHeader(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    const { bytesRead } = await file.read(bytes, 0, SEGMENT_HEADER_BYTES, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Whether anything was written to the segment; a missing file is not begun. */
export async function isBegun(path: string): Promise<boolean> {
  try {
    const bytes = await readHeader(path);
    return !isZero(bytes, 0, bytes.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

const PART_BYTES = 262_144;
const ZEROS = new Uint8Array(PART_BYTES);

/**
 * The whole file with its own buffer, so that places in both are the same. Parts that are zero throughout, such as what
 * was allocated and not written yet, are left as the system gave them, which takes no memory.
 */
export async function readSegment(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    const part = Buffer.alloc(PART_BYTES);
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await file.read(part, 0, Math.min(PART_BYTES, bytes.length - at), at);
      if (bytesRead === 0) return bytes.subarray(0, at);
      const read = part.subarray(0, bytesRead);
      if (read.compare(ZEROS, 0, bytesRead) !== 0) bytes.set(read, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Checks all blocks in `bytes` and gathers what the index of the segment holds. */
export function scanSegment(
  bytes: Uint8Array,
  header: SegmentHeader,
  seed: number,
  mac: Mac,
  visitBlock?: (header: BlockHeader, at: number) => void,
): ScannedSegment {
  const fingerprints: number[] = [];
  const requestHashes: number[] = [];
  const seqs: number[] = [];
  const offsets: number[] = [];
  const words = new Uint32Array(4);
  let firstArrivalMs = 0;
  let lastArrivalMs = 0;
  const result = scanBlocks(
    bytes,
    startOfChain(header),
    { mac, primitives: PRIMITIVES },
    (view, at) => {
      lastArrivalMs = frameArrivalMs(view, at);
      if (frameSeq(view, at) === header.firstSeq) firstArrivalMs = lastArrivalMs;
      if (!isDecisionFrame(view, at)) return;
      fingerprint(frameTransactionId(bytes, view, at, PRIMITIVES), seed, words, 0);
      fingerprints.push(words[0]!, words[1]!, words[2]!, words[3]!);
      const hashAt = requestHashAt(at);
      for (let word = 0; word < 4; word += 1) requestHashes.push(view.getUint32(hashAt + 4 * word, true));
      seqs.push(frameSeq(view, at) - header.firstSeq);
      offsets.push(at);
    },
    visitBlock,
  );
  const { place } = result;
  return {
    ...result,
    summary: {
      number: header.number,
      firstSeq: header.firstSeq,
      lastSeq: place.nextSeq - 1,
      firstArrivalMs,
      lastArrivalMs,
      end: place.at,
      previousMac: header.previousMac,
      mac: place.mac,
    },
    ids: {
      firstSeq: header.firstSeq,
      fingerprints: Uint32Array.from(fingerprints),
      requestHashes: Uint32Array.from(requestHashes),
      seqs: Uint32Array.from(seqs),
      offsets: Uint32Array.from(offsets),
    },
  };
}
