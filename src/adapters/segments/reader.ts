/** Reads committed records back from the segments. */
import { type FileHandle, open } from 'node:fs/promises';
import { type SentinelError } from '../../domain/errors.ts';
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES, readBlockHeader, walkFrames } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { FRAME_HEADER_BYTES, frameLength, frameProblem, frameSeq, takeRecord } from '../../journal/frame.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { corrupt } from './segment-scan.ts';

/** Bytes read at a time: some 150 decisions, half a millisecond of decoding between two turns of the event loop. */
const READ_BYTES = 256 * 1024;
/** Read first for a single record: nearly every decision fits. */
const RECORD_BYTES = 4096;

/** The part of a segment that is committed. */
export interface SegmentPart {
  readonly path: string;
  /** `seq` of its first record. */
  readonly firstSeq: number;
  /** Where its committed blocks end. */
  readonly end: number;
}

/** Frames that follow one another, as places in the bytes of their chunk. */
interface FrameRun {
  readonly start: number;
  readonly end: number;
}

/** Whole blocks, read at once. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** Where they lie in the segment, and where the next chunk begins. */
  readonly at: number;
  readonly next: number;
  /** The frames in them that were asked for, a run a block. */
  readonly runs: readonly FrameRun[];
  /** `seq` of the last record in them. */
  readonly lastSeq: number;
}

/**
 * The blocks of a segment in [from, end), the first of which begins with `firstSeq`, with runs of the frames with
 * seq ≥ `fromSeq`. Block headers are not trusted: each must continue the one before and fit its frames. Throws JOURNAL_CORRUPT.
 */
export async function* readChunks(
  path: string,
  { from, firstSeq, end }: { readonly from: number; readonly firstSeq: number; readonly end: number },
  fromSeq: number,
): AsyncGenerator<Chunk, void> {
  if (from >= end) return;
  const file = await open(path, 'r');
  try {
    let size = READ_BYTES;
    let dueSeq = firstSeq;
    for (let at = from; at < end;) {
      const bytes = new Uint8Array(Math.min(size, end - at));
      const length = await readFully(file, bytes, at, bytes.length);
      if (length < bytes.length) throw corrupt(path, at + length, 'the file ends before its last block');
      const chunk = chunkOf(bytes, path, at, dueSeq, fromSeq);
      if (chunk.next === at) {
        if (length === end - at) throw corrupt(path, at, `seq ${dueSeq}: the block is not whole`);
        size *= 2;
        continue;
      }
      at = chunk.next;
      dueSeq = chunk.lastSeq + 1;
      if (chunk.runs.length > 0) yield chunk;
    }
  } finally {
    await file.close();
  }
}

/** The whole blocks in `bytes`, which lie at `fileAt` and begin with `firstSeq`. */
function chunkOf(bytes: Uint8Array, path: string, fileAt: number, firstSeq: number, fromSeq: number): Chunk {
  const view = viewOf(bytes);
  const runs: FrameRun[] = [];
  let dueSeq = firstSeq;
  let at = 0;
  while (at + BLOCK_HEADER_BYTES <= bytes.length) {
    const refuse = (seq: number, problem: string): SentinelError =>
      corrupt(path, fileAt + at, `seq ${seq}: ${problem}`);
    const header = readBlockHeader(bytes, view, at, Number.MAX_SAFE_INTEGER);
    if (header === undefined) throw refuse(dueSeq, 'the block header is not readable');
    if (header.firstSeq !== dueSeq) throw refuse(dueSeq, `the block begins with seq ${header.firstSeq}`);
    if (header.count === 0) throw refuse(dueSeq, 'the block holds no record');
    if (at + header.length > bytes.length) break;
    const end = at + header.length - BLOCK_TRAILER_BYTES;
    let start = at + BLOCK_HEADER_BYTES;
    const wrong = walkFrames(view, at, header, (frameAt) => {
      if (frameSeq(view, frameAt) < fromSeq) start = frameAt + frameLength(view, frameAt);
    });
    if (wrong !== undefined) throw refuse(wrong.seq, wrong.problem);
    if (start < end) runs.push({ start, end });
    at += header.length;
    dueSeq += header.count;
  }
  return { bytes, at: fileAt, next: fileAt + at, runs, lastSeq: dueSeq - 1 };
}

/** Records with seq ≥ `fromSeq` of a segment, a batch a read. Throws JOURNAL_CORRUPT. */
export async function* readRecords(
  { path, firstSeq, end }: SegmentPart,
  fromSeq: number,
): AsyncGenerator<readonly JournalRecord[], void> {
  const blocks = { from: SEGMENT_HEADER_BYTES, firstSeq, end };
  for await (const { bytes, at: fileAt, runs } of readChunks(path, blocks, fromSeq)) {
    const view = viewOf(bytes);
    const batch: JournalRecord[] = [];
    for (const run of runs) {
      for (let at = run.start; at < run.end; at += frameLength(view, at)) {
        batch.push(takeWhole(bytes, view, at, run.end, path, fileAt));
      }
    }
    yield batch;
  }
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
