/** Reads committed records back from the segments. */
import { type FileHandle, open } from 'node:fs/promises';
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES, readBlockHeader } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { FRAME_HEADER_BYTES, frameLength, frameProblem, takeRecord } from '../../journal/frame.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { corrupt } from './segment-scan.ts';

/** Bytes read at a time: some 150 decisions, half a millisecond of decoding between two turns of the event loop. */
const READ_BYTES = 256 * 1024;
/** Read first for a single record: nearly every decision fits. */
const RECORD_BYTES = 4096;

/** Records of one segment with seq ≥ `fromSeq` in the blocks before `end`, a batch a read. Throws JOURNAL_CORRUPT. */
export async function* readRecords(
  path: string,
  end: number,
  fromSeq: number,
): AsyncGenerator<readonly JournalRecord[], void> {
  const file = await open(path, 'r');
  try {
    let buffer = new Uint8Array(READ_BYTES);
    let at = SEGMENT_HEADER_BYTES;
    while (at < end) {
      const length = await readFully(file, buffer, at, Math.min(buffer.length, end - at));
      const batch: JournalRecord[] = [];
      const used = takeBlocks(buffer.subarray(0, length), path, at, fromSeq, batch);
      if (used === 0) {
        if (length === end - at) throw corrupt(path, at, 'the block is not whole');
        buffer = new Uint8Array(Math.min(2 * buffer.length, end - at));
        continue;
      }
      at += used;
      if (batch.length > 0) yield batch;
    }
  } finally {
    await file.close();
  }
}

/** Adds the records of the whole blocks in `bytes`, which lie at `fileAt`, to `batch`; returns how far they reach. */
function takeBlocks(bytes: Uint8Array, path: string, fileAt: number, fromSeq: number, batch: JournalRecord[]): number {
  const view = viewOf(bytes);
  let at = 0;
  while (at + BLOCK_HEADER_BYTES <= bytes.length) {
    const header = readBlockHeader(bytes, view, at, Number.MAX_SAFE_INTEGER);
    if (header === undefined) throw corrupt(path, fileAt + at, 'the block header is not readable');
    if (at + header.length > bytes.length) break;
    const end = at + header.length;
    const framesEnd = end - BLOCK_TRAILER_BYTES;
    if (header.firstSeq + header.count > fromSeq) {
      let seq = header.firstSeq;
      for (let frameAt = at + BLOCK_HEADER_BYTES; frameAt < framesEnd; frameAt += frameLength(view, frameAt)) {
        if (seq >= fromSeq) batch.push(takeWhole(bytes, view, frameAt, framesEnd, path, fileAt));
        seq += 1;
      }
    }
    at = end;
  }
  return at;
}

function takeWhole(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  path: string,
  fileAt: number,
): JournalRecord {
  const problem = frameProblem(bytes, view, at, end, PRIMITIVES.crc32);
  if (problem !== undefined) throw corrupt(path, fileAt + at, problem);
  try {
    return takeRecord(bytes, view, at, PRIMITIVES);
  } catch (error) {
    if (error instanceof RangeError) throw corrupt(path, fileAt + at, error.message);
    throw error;
  }
}

/** The record whose frame begins at `offset` of the segment. Throws JOURNAL_CORRUPT. */
export async function readRecord(path: string, offset: number): Promise<JournalRecord> {
  const file = await open(path, 'r');
  try {
    let bytes = new Uint8Array(RECORD_BYTES);
    let length = await readFully(file, bytes, offset, RECORD_BYTES);
    if (length < FRAME_HEADER_BYTES) throw corrupt(path, offset, 'the record header is cut off');
    const whole = frameLength(viewOf(bytes), 0);
    if (whole > RECORD_BYTES && offset + whole <= (await file.stat()).size) {
      bytes = new Uint8Array(whole);
      length = await readFully(file, bytes, offset, whole);
    }
    return takeWhole(bytes, viewOf(bytes), 0, length, path, offset);
  } finally {
    await file.close();
  }
}

async function readFully(file: FileHandle, into: Uint8Array, position: number, wanted: number): Promise<number> {
  let length = 0;
  while (length < wanted) {
    const { bytesRead } = await file.read(into, length, wanted - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}
