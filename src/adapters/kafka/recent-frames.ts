/** The newest committed frames, so that whoever follows closely need not ask the broker for them again. */
import { viewOf } from '../../journal/bytes.ts';
import { frameLength } from '../../journal/frame.ts';

/** Some 14,000 decisions: seconds of traffic, which a reader that lags more than that reads from the topic. */
const KEPT_BYTES = 32 * 1024 * 1024;

interface Block {
  readonly firstSeq: number;
  readonly bytes: Uint8Array;
  /** Where each frame begins; one more for the end. */
  readonly starts: Uint32Array;
}

export interface TakenFrames {
  /** The caller's copy. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

export interface RecentFrames {
  /** Keeps a copy of consecutive frames that follow those kept before. */
  add(firstSeq: number, count: number, frames: Uint8Array): void;
  /** Frames from `seq` on, at most `limit` and of one block; undefined when that record is not kept. */
  from(seq: number, limit: number): TakenFrames | undefined;
}

export function createRecentFrames(keptBytes = KEPT_BYTES): RecentFrames {
  const blocks: Block[] = [];
  let bytesKept = 0;
  const find = (seq: number): Block | undefined => {
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (blocks[middle]!.firstSeq <= seq) low = middle;
      else high = middle - 1;
    }
    const block = blocks[low];
    return block !== undefined && seq >= block.firstSeq && seq < block.firstSeq + block.starts.length - 1
      ? block
      : undefined;
  };
  return {
    add(firstSeq, count, frames) {
      const bytes = frames.slice();
      const view = viewOf(bytes);
      const starts = new Uint32Array(count + 1);
      for (let index = 0; index < count; index += 1)
        starts[index + 1] = starts[index]! + frameLength(view, starts[index]!);
      blocks.push({ firstSeq, bytes, starts });
      bytesKept += bytes.length;
      while (bytesKept > keptBytes) bytesKept -= blocks.shift()!.bytes.length;
    },
    from(seq, limit) {
      const block = find(seq);
      if (block === undefined) return undefined;
      const index = seq - block.firstSeq;
      const end = Math.min(block.starts.length - 1, index + limit);
      return {
        bytes: new Uint8Array(block.bytes.subarray(block.starts[index]!, block.starts[end]!)),
        count: end - index,
      };
    },
  };
}
