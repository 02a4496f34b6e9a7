/** Walks the blocks of a segment, checking all there is to check, and tells where and why it had to stop. */
import {
  BLOCK_HEADER_BYTES,
  BLOCK_TRAILER_BYTES,
  type BlockHeader,
  findBlock,
  inspectBlock,
  isTorn,
  linkProblem,
  type Mac,
  readBlockHeader,
  walkFrames,
} from './block.ts';
import { viewOf } from './bytes.ts';
import { type BytePrimitives, frameProblem } from './frame.ts';

/** Where the chain stands. */
export interface ChainPlace {
  /** Offset in the segment. */
  readonly at: number;
  /** seq the next record must have. */
  readonly nextSeq: number;
  /** MAC the next block must continue. */
  readonly mac: Uint8Array;
}

export interface Damage {
  readonly offset: number;
  /** The record the damage was met at. */
  readonly seq: number;
  readonly problem: string;
  /** Where the next whole block begins, when one follows. */
  readonly resumesAt?: number;
  /** Nothing whole follows and the block is incomplete: it was never acknowledged. */
  readonly torn: boolean;
}

export interface ScanChecks {
  readonly mac: Mac;
  readonly primitives: BytePrimitives;
}

/**
 * Walks from `place` to the first place that holds no block. `visit` gets each frame of each block that is whole,
 * after its block was checked.
 */
export function scanBlocks(
  bytes: Uint8Array,
  place: ChainPlace,
  checks: ScanChecks,
  visit: (view: DataView, frameAt: number) => void,
  visitBlock?: (header: BlockHeader, at: number) => void,
): { readonly place: ChainPlace; readonly damage?: Damage } {
  const view = viewOf(bytes);
  let { at, nextSeq, mac } = place;
  const stop = (offset: number, seq: number, problem: string): { place: ChainPlace; damage: Damage } => {
    const resumesAt = findBlock(bytes, view, { from: at + 8, end: bytes.length, fromSeq: nextSeq + 1 }, checks.mac);
    return {
      place: { at, nextSeq, mac },
      damage: {
        offset,
        seq,
        problem,
        torn: resumesAt === undefined && isTorn(bytes, view, at),
        ...(resumesAt === undefined ? {} : { resumesAt }),
      },
    };
  };
  for (;;) {
    const found = inspectBlock(bytes, view, at, bytes.length, checks.mac);
    if (found.kind === 'empty') {
      // A lost header is no tail while anything whole follows it, so what lies behind is looked at too.
      if (contentEnd(bytes, at) > at) return stop(at, nextSeq, 'the block header is missing');
      return { place: { at, nextSeq, mac: mac.slice() } };
    }
    if (found.kind === 'damaged') {
      const place = damagedFrame(bytes, view, at, nextSeq, checks.primitives);
      return stop(place?.offset ?? at, place?.seq ?? nextSeq, place?.problem ?? found.problem);
    }
    const { header } = found;
    const broken = linkProblem(header, nextSeq, mac);
    if (broken !== undefined) return stop(at, nextSeq, broken);
    const wrong = damagedFrame(bytes, view, at, nextSeq, checks.primitives);
    if (wrong !== undefined) return stop(wrong.offset, wrong.seq, wrong.problem);
    visitBlock?.(header, at);
    walkFrames(view, at, header, (frameAt) => visit(view, frameAt));
    at += header.length;
    nextSeq += header.count;
    mac = header.mac;
  }
}

const ZEROS = new Uint8Array(65_536);

/** Where the last byte that is not zero ends; `from` when all bytes from there on are zero. */
export function contentEnd(bytes: Uint8Array, from: number): number {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length;
  while (end - from >= ZEROS.length && whole.compare(ZEROS, 0, ZEROS.length, end - ZEROS.length, end) === 0) {
    end -= ZEROS.length;
  }
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
}

/** The first frame of the block at `at` that is not whole; undefined when all are, or when no block can be made out. */
function damagedFrame(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  nextSeq: number,
  primitives: BytePrimitives,
): { readonly offset: number; readonly seq: number; readonly problem: string } | undefined {
  const header = readBlockHeader(bytes, view, at, bytes.length);
  if (header === undefined || header.firstSeq !== nextSeq) return undefined;
  const end = at + header.length - BLOCK_TRAILER_BYTES;
  let wrong: { readonly offset: number; readonly seq: number; readonly problem: string } | undefined;
  let seq = header.firstSeq;
  let offset = at + BLOCK_HEADER_BYTES;
  const walked = walkFrames(view, at, header, (frameAt) => {
    const problem = frameProblem(bytes, view, frameAt, end, primitives.crc32);
    wrong ??= problem === undefined ? undefined : { offset: frameAt, seq, problem };
    seq += 1;
    offset = frameAt + view.getUint32(frameAt, true);
  });
  return wrong ?? (walked === undefined ? undefined : { offset, ...walked });
}
