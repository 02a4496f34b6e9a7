/** Writes frames as segments behind those of a directory: each segment whole or not at all, on one chain. */
import { mkdir } from 'node:fs/promises';
import { SentinelError } from '../../domain/errors.ts';
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES, sealBlock } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { frameLength, frameSeq } from '../../journal/frame.ts';
import { putSegmentHeader, SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';
import { type FrameSink } from '../../ports/journal-copy.ts';
import { takeLock } from '../system/lock.ts';
import { createMac } from '../system/mac.ts';
import { removeTemporaries, writeAtomically } from './atomic-file.ts';
import { type ChainKey } from './chain-key.ts';
import { recover } from './recovery.ts';
import { indexPath, segmentPath } from './segment-files.ts';
import { encodeIndex, type SegmentIndex } from './segment-index.ts';
import { scanSegment } from './segment-scan.ts';

/** As large as those of a service by default. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Small enough to be checked and cut by itself, large enough that its header and MAC cost nothing. */
const BLOCK_BYTES = 256 * 1024;

export interface SegmentSinkOptions {
  readonly directory: string;
  readonly key: ChainKey;
  /** Seqs at which a block is to end, because a snapshot stands there. */
  readonly marks?: readonly number[];
  readonly segmentBytes?: number;
  /** Called when the directory is held and before anything is written. */
  readonly onHeld?: () => Promise<void>;
}

/** Throws ALREADY_RUNNING when a service uses the directory, USAGE when `seq` is not the next one in it. */
export async function openSegmentSink(options: SegmentSinkOptions, seq: number): Promise<FrameSink> {
  const { directory, key, marks = [], segmentBytes = SEGMENT_BYTES, onHeld } = options;
  const mac = createMac(key.key);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = takeLock(directory);
  try {
    await removeTemporaries(directory);
    const { last, place } = await recover(directory, key, mac, () => undefined);
    if (last !== undefined && place.nextSeq !== seq) {
      throw new SentinelError('USAGE', { problem: `${directory} ends before seq ${place.nextSeq}, not ${seq}` });
    }
    await onHeld?.();
    return startSink({ directory, key, marks, segmentBytes, last, previousMac: place.mac }, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Place extends Required<Omit<SegmentSinkOptions, 'onHeld'>> {
  readonly last: Awaited<ReturnType<typeof recover>>['last'];
  readonly previousMac: Uint8Array;
}

function startSink({ directory, key, marks, segmentBytes, last, previousMac }: Place, onClosed: () => void): FrameSink {
  const mac = createMac(key.key);
  const boundaries = new Set(marks);
  let number = (last?.number ?? 0) + 1;
  let chainMac = previousMac;
  /** The segment before, whose index is written when the next one is there: without it, it is the one to go on with. */
  let before: SegmentIndex | undefined = last?.scanned;
  let blocks: Uint8Array[] = [];
  let bytesOfBlocks = 0;
  let segmentMac = chainMac;
  let firstSeq = 0;
  let frames: Uint8Array[] = [];
  let bytesOfFrames = 0;
  let blockSeq = 0;

  const sealFrames = (): void => {
    if (frames.length === 0) return;
    const end = BLOCK_HEADER_BYTES + bytesOfFrames + BLOCK_TRAILER_BYTES;
    const block = new Uint8Array(end);
    let at = BLOCK_HEADER_BYTES;
    for (const frame of frames) {
      block.set(frame, at);
      at += frame.length;
    }
    const content = { count: frames.length, firstSeq: blockSeq, previousMac: chainMac };
    chainMac = sealBlock(block, viewOf(block), { start: 0, end }, content, mac);
    if (blocks.length === 0) firstSeq = blockSeq;
    blocks.push(block);
    bytesOfBlocks += end;
    frames = [];
    bytesOfFrames = 0;
  };

  const writeSegment = async (): Promise<void> => {
    if (blocks.length === 0) return;
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES + bytesOfBlocks);
    const header = { firstSeq, number, keyId: key.id, previousMac: segmentMac };
    putSegmentHeader(bytes, viewOf(bytes), header, mac);
    let at = SEGMENT_HEADER_BYTES;
    for (const block of blocks) {
      bytes.set(block, at);
      at += block.length;
    }
    await writeAtomically(segmentPath(directory, number), [bytes]);
    if (before !== undefined) {
      await writeAtomically(indexPath(directory, number - 1), [await encodeIndex(before.summary, before.ids, mac)]);
    }
    before = scanSegment(bytes, header, key.seed, mac);
    number += 1;
    segmentMac = chainMac;
    blocks = [];
    bytesOfBlocks = 0;
  };

  return {
    async write(all) {
      const view = viewOf(all);
      for (let at = 0; at < all.length; at += frameLength(view, at)) {
        const frame = all.slice(at, at + frameLength(view, at));
        if (frames.length > 0 && bytesOfFrames + frame.length > BLOCK_BYTES) sealFrames();
        if (bytesOfBlocks + bytesOfFrames + frame.length > segmentBytes) {
          sealFrames();
          await writeSegment();
        }
        if (frames.length === 0) blockSeq = frameSeq(view, at);
        frames.push(frame);
        bytesOfFrames += frame.length;
        if (boundaries.has(frameSeq(view, at))) sealFrames();
      }
    },
    async close() {
      try {
        sealFrames();
        await writeSegment();
      } finally {
        onClosed();
      }
    },
  };
}
