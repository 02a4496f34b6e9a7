/** Checks what a start depends on, the order of a journal's segments and its end, without taking its lock or reading all of it. */
import { viewOf } from '../../journal/bytes.ts';
import { inspectSegment, type SegmentHeader } from '../../journal/segment.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type ChainKey } from './chain-key.ts';
import { hex } from './look-up.ts';
import { createMac } from '../system/mac.ts';
import { readIndex, segmentNumbers } from './recovery.ts';
import { segmentPath } from './segment-files.ts';
import { corrupt, isBegun, readHeader, readSegment, scanSegment } from './segment-scan.ts';

export interface HeadCheck {
  readonly head: JournalHead;
  /** What is wrong with the last segment in use; a torn tail is not. */
  readonly problem?: string;
}

/** Costs the reading of one segment. */
export async function checkHead(directory: string, key: ChainKey): Promise<HeadCheck> {
  const mac = createMac(key.key);
  for (const number of (await segmentNumbers(directory)).toReversed()) {
    const path = segmentPath(directory, number);
    if (!(await isBegun(path))) continue;
    const bytes = await readSegment(path);
    const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
    if (found.kind !== 'segment') {
      return {
        head: { seq: 0, mac: '' },
        problem: `${path}: ${found.kind === 'empty' ? 'it is empty' : found.problem}`,
      };
    }
    const { place, damage } = scanSegment(bytes, found.header, key.seed, mac);
    const seq = place.nextSeq - 1;
    return {
      head: { seq, mac: seq === 0 ? '' : hex(place.mac) },
      ...(damage !== undefined &&
        !damage.torn && { problem: `${path}, byte ${damage.offset}, seq ${damage.seq}: ${damage.problem}` }),
    };
  }
  return { head: { seq: 0, mac: '' } };
}

/**
 * Throws JOURNAL_CORRUPT when a segment is missing or does not belong between the others, as far as their headers tell:
 * what is in them is left to `checkHead` and `scanJournal`.
 */
export async function checkSegments(directory: string, key: ChainKey): Promise<void> {
  const mac = createMac(key.key);
  const numbers = await segmentNumbers(directory);
  let last: SegmentHeader | undefined;
  for (const [index, number] of numbers.entries()) {
    const due = numbers[0]! + index;
    if (number !== due) throw corrupt(segmentPath(directory, due), 0, 'the segment is missing');
    const path = segmentPath(directory, number);
    const bytes = await readHeader(path);
    const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
    if (found.kind !== 'segment' && number === numbers.at(-1)) break; // made ready, or for `checkHead` to judge
    if (found.kind === 'empty') throw corrupt(path, 0, 'the segment is empty though another follows');
    if (found.kind === 'damaged') throw corrupt(path, 0, found.problem);
    const { header } = found;
    if (header.number !== number) throw corrupt(path, 24, `the file is segment ${header.number}`);
    if (header.firstSeq <= (last?.firstSeq ?? 0)) {
      throw corrupt(path, 16, `it begins with seq ${header.firstSeq}, not behind the segment before`);
    }
    last = header;
  }
  if (last === undefined || (await readIndex(directory, last.number, mac)) === undefined) return;
  // An index is written once the next segment is begun; a running journal may have begun it since the loop.
  const next = segmentPath(directory, last.number + 1);
  if (!(await isBegun(next))) throw corrupt(next, 0, 'the segment is empty or missing, but was written before');
}
