/** Group commit to segments: each block is sealed, chained to the one before by its MAC, when it leaves for the disk. */
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES, type Mac, sealBlock } from '../../journal/block.ts';
import { SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';
import { type Block, type CommitQueue, createCommitQueue } from '../system/commit-queue.ts';

/** Room before each block for the header of a segment it may have to begin. */
export const BLOCK_AT = SEGMENT_HEADER_BYTES;
/** A block this long is closed even though the one before is still in flight: bounds the memory of one write. */
const FULL_BLOCK_BYTES = 4 * 1024 * 1024;

export interface GroupCommitOptions {
  readonly mac: Mac;
  /** Largest block, header included, that a segment can hold. */
  readonly blockLimit: number;
  readonly nextSeq: number;
  /** MAC of the last committed block. */
  readonly chainMac: Uint8Array;
  /** Writes bytes[BLOCK_AT, end) of the sealed block durably. */
  readonly write: (
    block: Block,
    bytes: Uint8Array,
    end: number,
    previousMac: Uint8Array,
    done: (error: Error | null) => void,
  ) => void;
  /** Called when a block has become durable, before its appenders go on and the next block is written. */
  readonly onDurable: (block: Block, mac: Uint8Array) => void;
  /** Called when the next block is on its way. */
  readonly onCommitted: (block: Block) => void;
  readonly onFailure: (error: Error) => void;
}

export function createGroupCommit(options: GroupCommitOptions): CommitQueue {
  const { mac, blockLimit } = options;
  let { chainMac } = options;
  return createCommitQueue({
    nextSeq: options.nextSeq,
    blockAt: BLOCK_AT,
    headerBytes: BLOCK_HEADER_BYTES,
    trailerBytes: BLOCK_TRAILER_BYTES,
    limitBytes: blockLimit,
    fullBytes: Math.min(FULL_BLOCK_BYTES, blockLimit),
    write(block, done) {
      const { writer, records, firstSeq } = block;
      writer.at += BLOCK_TRAILER_BYTES;
      const { bytes, view, at: end } = writer;
      const previousMac = chainMac;
      chainMac = sealBlock(
        bytes,
        view,
        { start: BLOCK_AT, end },
        { count: records.length, firstSeq, previousMac },
        mac,
      );
      options.write(block, bytes, end, previousMac, done);
    },
    onDurable: (block) => options.onDurable(block, chainMac),
    onCommitted: options.onCommitted,
    onFailure: options.onFailure,
  });
}
