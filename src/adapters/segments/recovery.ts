/** Opens what a former process left: checks the chain from segment to segment, cuts a torn tail, refuses damage. */
import { open, readdir, readFile } from 'node:fs/promises';
import { SentinelError } from '../../domain/errors.ts';
import { equalBytes, findBlock, type Mac, MAC_BYTES } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { type ChainPlace, contentEnd } from '../../journal/scan.ts';
import { inspectSegment, SEGMENT_HEADER_BYTES, type SegmentHeader } from '../../journal/segment.ts';
import { writeAtomically } from './atomic-file.ts';
import { type ChainKey } from './chain-key.ts';
import { decodeIndex, encodeIndex, type SegmentIndex } from './segment-index.ts';
import { corrupt, readHeader, readSegment, type ScannedSegment, scanSegment } from './segment-scan.ts';
import { indexPath, segmentNumber, segmentPath } from './segment-files.ts';

export interface ListedSegment {
  readonly number: number;
  readonly path: string;
  readonly header: SegmentHeader;
}

export interface Listing {
  /** Segments with records, in order. */
  readonly begun: readonly ListedSegment[];
  /** The number of the file that was allocated after them but not begun. */
  readonly spare?: number;
}

export interface Recovered {
  /** Sealed segments in order, each with its index. */
  readonly sealed: readonly SegmentIndex[];
  /** The segment to go on with; undefined when the journal is new. */
  readonly last?: ListedSegment & { readonly scanned: ScannedSegment };
  readonly place: ChainPlace;
  readonly spare?: number;
}

export async function segmentNumbers(directory: string): Promise<number[]> {
  const numbers = (await readdir(directory)).map(segmentNumber).filter((number) => number !== undefined);
  return numbers.sort((a, b) => a - b);
}

/** The segments of `directory`, their headers checked. `notice` hears of a header cut because it was half-written. */
export async function listSegments(
  directory: string,
  key: ChainKey,
  mac: Mac,
  notice: (text: string) => void,
): Promise<Listing> {
  const numbers = await segmentNumbers(directory);
  const begun: ListedSegment[] = [];
  let spare: number | undefined;
  for (const [index, number] of numbers.entries()) {
    const path = segmentPath(directory, number);
    const due = numbers[0]! + index;
    if (number !== due) throw corrupt(segmentPath(directory, due), 0, 'the segment is missing');
    if (spare !== undefined) {
      throw corrupt(segmentPath(directory, spare), 0, 'the segment is empty though another follows');
    }
    const bytes = await readHeader(path);
    const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
    if (found.kind === 'segment') {
      if (found.header.number !== number) throw corrupt(path, 24, `the file is segment ${found.header.number}`);
      begun.push({ number, path, header: found.header });
    } else {
      const file = await readSegment(path);
      const end = contentEnd(file, 0);
      if (found.kind === 'damaged' && (number !== numbers.at(-1) || end > SEGMENT_HEADER_BYTES)) {
        throw corrupt(path, 0, found.problem);
      }
      if (found.kind === 'empty' && end > 0 && holdsBlock(file, mac)) {
        throw corrupt(path, 0, 'the segment header is missing');
      }
      if (end > 0) notice(`${path}: the header was half-written when the process ended; cut`);
      spare = number;
    }
  }
  return spare === undefined ? { begun } : { begun, spare };
}

/**
 * A header and the block behind it are one write: cut within the header it leaves nothing behind, and without its first
 * sector no whole block. What holds more was begun, and is damaged or another's.
 */
function holdsBlock(bytes: Uint8Array, mac: Mac): boolean {
  return findBlock(bytes, viewOf(bytes), { from: 8, end: bytes.length, fromSeq: 0 }, mac) !== undefined;
}

/** Reads and checks the whole directory as far as needed to go on writing. Throws JOURNAL_CORRUPT. */
export async function recover(
  directory: string,
  key: ChainKey,
  mac: Mac,
  notice: (text: string) => void,
): Promise<Recovered> {
  const listing = await listSegments(directory, key, mac, notice);
  const spare = listing.spare === undefined ? {} : { spare: listing.spare };
  const last = listing.begun.at(-1);
  if (last === undefined) {
    return { sealed: [], place: { at: SEGMENT_HEADER_BYTES, nextSeq: 1, mac: new Uint8Array(MAC_BYTES) }, ...spare };
  }
  const sealed: SegmentIndex[] = [];
  for (const segment of listing.begun.slice(0, -1)) {
    checkLink(segment, sealed.at(-1));
    sealed.push(await loadIndex(directory, segment, key, mac, notice));
  }
  checkLink(last, sealed.at(-1));
  if ((await readIndex(directory, last.number, mac)) !== undefined) {
    throw corrupt(
      segmentPath(directory, last.number + 1),
      0,
      'the segment is empty or missing, but was written before',
    );
  }
  const bytes = await readSegment(last.path);
  const scanned = scanSegment(bytes, last.header, key.seed, mac);
  refuseDamage(last.path, scanned);
  await cutTail(last.path, bytes, scanned, notice);
  return { sealed, last: { ...last, scanned }, place: scanned.place, ...spare };
}

function checkLink(segment: ListedSegment, before: SegmentIndex | undefined): void {
  if (before === undefined) return;
  const { summary } = before;
  if (segment.header.firstSeq !== summary.lastSeq + 1) {
    throw corrupt(
      segment.path,
      16,
      `it begins with seq ${segment.header.firstSeq} where ${summary.lastSeq + 1} is due`,
    );
  }
  if (!equalBytes(segment.header.previousMac, summary.mac)) {
    throw corrupt(segment.path, 48, 'it does not continue the chain of the segment before');
  }
}

/** Damage is a torn tail only where the block is incomplete and nothing whole follows it. */
function refuseDamage(path: string, { damage }: ScannedSegment): void {
  if (damage === undefined || damage.torn) return;
  const why =
    damage.resumesAt === undefined
      ? 'and the block was written in full'
      : `and whole blocks follow at byte ${damage.resumesAt}`;
  throw corrupt(path, damage.offset, `seq ${damage.seq}: ${damage.problem}, ${why}`);
}

/** Clears what lies behind the last whole block, so that it can never be taken for a block again. */
async function cutTail(
  path: string,
  bytes: Uint8Array,
  { place, damage }: ScannedSegment,
  notice: (text: string) => void,
): Promise<void> {
  const end = contentEnd(bytes, place.at);
  if (end === place.at) return;
  const file = await open(path, 'r+');
  try {
    await file.write(new Uint8Array(end - place.at), 0, end - place.at, place.at);
    await file.sync();
  } finally {
    await file.close();
  }
  notice(
    `${path}, byte ${place.at}: the last block was half-written when the process ended ` +
      `(${damage?.problem ?? 'its header is missing'}); ${end - place.at} bytes cut, never acknowledged, ` +
      `the journal goes on with seq ${place.nextSeq}`,
  );
}

/** The index of a sealed segment, made again from the segment when its file is missing or damaged. */
export async function loadIndex(
  directory: string,
  segment: ListedSegment,
  key: ChainKey,
  mac: Mac,
  notice: (text: string) => void,
): Promise<SegmentIndex> {
  const known = await readIndex(directory, segment.number, mac);
  if (known !== undefined && known.summary.number === segment.number) return known;
  notice(`${indexPath(directory, segment.number)}: missing or damaged, made again from the segment`);
  const scanned = scanSegment(await readSegment(segment.path), segment.header, key.seed, mac);
  if (scanned.damage !== undefined) {
    const { offset, seq, problem } = scanned.damage;
    throw corrupt(segment.path, offset, `seq ${seq}: ${problem}`);
  }
  const bytes = await encodeIndex(scanned.summary, scanned.ids, mac);
  await writeAtomically(indexPath(directory, segment.number), [bytes]);
  return scanned;
}

/** The index of a segment; undefined when it is missing or damaged. */
export async function readIndex(directory: string, number: number, mac: Mac): Promise<SegmentIndex | undefined> {
  try {
    return decodeIndex(await readFile(indexPath(directory, number)), mac);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Throws JOURNAL_CORRUPT when the journal ends before a head that was published, or passes it with another chain. */
export function checkPublished(
  directory: string,
  published: { readonly seq: number; readonly mac: string },
  headSeq: number,
  macAt: string | undefined,
): void {
  if (headSeq < published.seq) {
    throw new SentinelError('JOURNAL_CORRUPT', {
      place: directory,
      problem: `the journal ends with seq ${headSeq}, but seq ${published.seq} was published`,
    });
  }
  if (macAt !== published.mac) {
    throw new SentinelError('JOURNAL_CORRUPT', {
      place: directory,
      problem: `the chain at seq ${published.seq} is ${macAt ?? 'broken'}, but ${published.mac} was published`,
    });
  }
}
