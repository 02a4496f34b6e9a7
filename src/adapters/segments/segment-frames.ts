/** A directory of segments as a journal to be moved: read while it may be running, written anew under a key of its own. */
import { existsSync } from 'node:fs';
import { BLOCK_HEADER_BYTES, BLOCK_TRAILER_BYTES, type BlockHeader, equalBytes } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { inspectSegment } from '../../journal/segment.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type JournalTarget } from '../../ports/journal-copy.ts';
import { createMac } from '../system/mac.ts';
import { hex } from './look-up.ts';
import { segmentNumbers } from './recovery.ts';
import { corrupt, isBegun, readSegment, scanSegment } from './segment-scan.ts';
import { segmentPath } from './segment-files.ts';
import { type SegmentSummary } from './segment-index.ts';
import { openSegmentSink, type SegmentSinkOptions } from './segment-sink.ts';

export interface SegmentFrames extends JournalTarget {
  /** Where the chain stood when the frames were last read. */
  head(): JournalHead;
  /** MAC of the block that ends with the mark `seq`, hex; known once the frames have been read. */
  tieAt(seq: number): { readonly mac: string } | undefined;
}

export function segmentFrames(options: SegmentSinkOptions): SegmentFrames {
  const { directory, key, marks = [] } = options;
  const mac = createMac(key.key);
  const ties = new Map<number, { readonly mac: string }>();
  let head: JournalHead = { seq: 0, mac: '' };
  return {
    head: () => head,
    name: directory,
    open: (seq) => openSegmentSink(options, seq),
    tieAt: (seq) => ties.get(seq),
    async *frames() {
      if (!existsSync(directory)) return;
      const [first] = await segmentNumbers(directory);
      let before: SegmentSummary | undefined;
      for (let number = first; number !== undefined; number += 1) {
        const path = segmentPath(directory, number);
        // Asked before the segment is read: if the next one is begun, this one can grow no more.
        const isComplete: boolean = await isBegun(segmentPath(directory, number + 1));
        if (!(await isBegun(path))) return;
        const bytes = await readSegment(path);
        const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
        if (found.kind !== 'segment') throw corrupt(path, 0, found.kind === 'empty' ? 'it is empty' : found.problem);
        const blocks: [number, BlockHeader][] = [];
        const { summary, damage } = scanSegment(bytes, found.header, key.seed, mac, (header, at) => {
          blocks.push([at, header]);
        });
        if (damage !== undefined && (isComplete || !damage.torn)) {
          throw corrupt(path, damage.offset, `seq ${damage.seq}: ${damage.problem}`);
        }
        refuseGap(before, summary, path);
        for (const [at, header] of blocks) {
          const last = header.firstSeq + header.count - 1;
          if (marks.includes(last)) ties.set(last, { mac: hex(header.mac) });
          head = { seq: last, mac: hex(header.mac) };
          yield bytes.subarray(at + BLOCK_HEADER_BYTES, at + header.length - BLOCK_TRAILER_BYTES);
        }
        if (!isComplete) return refuseHole(directory, number);
        before = summary;
      }
    },
  };
}

/** Throws JOURNAL_CORRUPT when the file of the next segment is missing although later ones are there. */
export async function refuseHole(directory: string, number: number): Promise<void> {
  const later = (await segmentNumbers(directory)).filter((each) => each > number);
  if (later.length > 0 && later[0] !== number + 1) {
    throw corrupt(segmentPath(directory, number + 1), 0, 'the segment is missing');
  }
}

/** Throws JOURNAL_CORRUPT when a segment does not continue the one before. */
export function refuseGap(
  before: SegmentSummary | undefined,
  after: Pick<SegmentSummary, 'number' | 'firstSeq' | 'previousMac'>,
  path: string,
): void {
  if (before === undefined) return;
  const joins = after.number === before.number + 1 && after.firstSeq === before.lastSeq + 1;
  if (!joins || !equalBytes(before.mac, after.previousMac)) {
    throw corrupt(path, 0, `it does not follow segment ${before.number}, which ends with seq ${before.lastSeq}`);
  }
}
