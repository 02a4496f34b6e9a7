/** Checks the end of a journal, the part a start depends on, without taking its lock or reading all of it. */
import { viewOf } from '../../journal/bytes.ts';
import { inspectSegment } from '../../journal/segment.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type ChainKey } from './chain-key.ts';
import { hex } from './look-up.ts';
import { createMac } from '../system/mac.ts';
import { segmentNumbers } from './recovery.ts';
import { segmentPath } from './segment-files.ts';
import { isBegun, readSegment, scanSegment } from './segment-scan.ts';

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
