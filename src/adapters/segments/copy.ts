/** Copies journals and segments: backups of a running one, archives of sealed ones, and their way back. */
import { mkdir } from 'node:fs/promises';
import { SentinelError } from '../../domain/errors.ts';
import { equalBytes, type Mac } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { contentEnd } from '../../journal/scan.ts';
import { inspectSegment, keyIdIn } from '../../journal/segment.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { writeAtomically } from './atomic-file.ts';
import { type ChainKey } from './chain-key.ts';
import { takeLock } from '../system/lock.ts';
import { hex } from './look-up.ts';
import { createMac } from '../system/mac.ts';
import { listSegments, segmentNumbers } from './recovery.ts';
import { indexPath, segmentPath } from './segment-files.ts';
import { encodeIndex, type SegmentSummary } from './segment-index.ts';
import { refuseGap, refuseHole } from './segment-frames.ts';
import { corrupt, isBegun, readHeader, readSegment, scanSegment } from './segment-scan.ts';

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly key: ChainKey;
  /** Asked before each segment: between two of them the copying can end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies the committed part of a journal, which may be running meanwhile, into a directory without segments; returns
 * the head of the copy. The key is not copied. Throws JOURNAL_CORRUPT when the source is damaged.
 */
export async function copyJournal({ from, to, key, signal }: CopyOptions): Promise<JournalHead> {
  const mac = createMac(key.key);
  await mkdir(to, { recursive: true, mode: 0o700 });
  await refuseSegments(to);
  const [first] = await segmentNumbers(from);
  let last: SegmentSummary | undefined;
  for (let number = first; number !== undefined; number += 1) {
    signal?.throwIfAborted();
    // Asked before the segment is read: if the next one is begun, this one can grow no more.
    const complete: boolean = await isBegun(segmentPath(from, number + 1));
    const copied = await copySegment({ from, to, key, mac, number, complete });
    if (copied === undefined) break;
    last = copied;
    if (complete) continue;
    await refuseHole(from, number);
    break;
  }
  return last === undefined || last.lastSeq === 0 ? { seq: 0, mac: '' } : { seq: last.lastSeq, mac: hex(last.mac) };
}

/**
 * Copies the sealed segments that end before `beforeSeq`; returns what they hold. Throws JOURNAL_CORRUPT at damage and gaps,
 * USAGE with nothing written when the directory holds segments of another journal.
 */
export async function exportSegments({
  from,
  to,
  key,
  beforeSeq,
  signal,
}: CopyOptions & { readonly beforeSeq: number }): Promise<readonly SegmentSummary[]> {
  const mac = createMac(key.key);
  await mkdir(to, { recursive: true, mode: 0o700 });
  await refuseForeign({ from, to, key, signal }, mac);
  const numbers: number[] = [];
  for (const number of await segmentNumbers(from)) {
    signal?.throwIfAborted();
    if (!(await isBegun(segmentPath(from, number + 1)))) {
      await refuseHole(from, number);
      break;
    }
    const { header } = (await inspected(from, number, key, mac)) ?? {};
    const next = await inspected(from, number + 1, key, mac);
    if (header === undefined || next === undefined || next.header.firstSeq > beforeSeq) break;
    numbers.push(number);
  }
  const exported: SegmentSummary[] = [];
  for (const number of numbers) {
    signal?.throwIfAborted();
    // An index says that another segment follows: the last one goes without, so that the archive can be gone on with.
    const isIndexed = number !== numbers.at(-1);
    const copied = await copySegment({ from, to, key, mac, number, complete: true, isIndexed });
    if (copied !== undefined) exported.push(copied);
  }
  return exported;
}

/**
 * Puts back what the journal in `to` has lost before its first segment, or all segments into an empty directory; returns
 * how many. `onBeginning` is called before the first one goes into an empty directory. Throws JOURNAL_CORRUPT when they are damaged or do not join, USAGE when the archive holds other records than
 * the journal, ALREADY_RUNNING when the journal is in use.
 */
export async function importSegments({
  from,
  to,
  key,
  signal,
  onBeginning,
}: CopyOptions & { readonly onBeginning?: () => Promise<void> }): Promise<number> {
  const mac = createMac(key.key);
  await mkdir(to, { recursive: true, mode: 0o700 });
  const lock = takeLock(to);
  try {
    const numbers = await segmentNumbers(from);
    const newest = numbers.at(-1);
    // A journal makes the segment that comes next ready before it is needed.
    if (newest !== undefined && !(await isBegun(segmentPath(from, newest)))) numbers.pop();
    const { begun } = await listSegments(to, key, mac, () => undefined);
    const first = begun[0];
    if (first === undefined) await refuseSegments(to);
    const summaries: SegmentSummary[] = [];
    for (const number of numbers) {
      signal?.throwIfAborted();
      if (first !== undefined && number >= first.number) {
        await refuseOther(segmentPath(from, number), segmentPath(to, number));
        continue;
      }
      const found = await inspected(from, number, key, mac);
      if (found === undefined) throw corrupt(segmentPath(from, number), 0, 'the segment is empty');
      const { summary, damage } = scanSegment(found.bytes, found.header, key.seed, mac);
      const isOpen = first === undefined && number === numbers.at(-1);
      if (damage !== undefined && !(isOpen && damage.torn))
        throw corrupt(found.path, damage.offset, `seq ${damage.seq}: ${damage.problem}`);
      refuseGap(summaries.at(-1), summary, found.path);
      summaries.push(summary);
    }
    const last = summaries.at(-1);
    if (last !== undefined && first !== undefined) {
      refuseGap(last, first.header, first.path);
    }
    if (first === undefined && last !== undefined) await onBeginning?.();
    // The newest first: whenever this ends early, what is there joins the journal without a gap.
    for (const { number } of summaries.toReversed()) {
      signal?.throwIfAborted();
      await copySegment({ from, to, key, mac, number, complete: first !== undefined || number !== last?.number });
    }
    return summaries.length;
  } finally {
    lock.release();
  }
}

/** Throws USAGE unless the segments in `to` are copies of those in `from`, or of what that has lost of its beginning. */
async function refuseForeign({ from, to, key, signal }: CopyOptions, mac: Mac): Promise<void> {
  const own = await segmentNumbers(from);
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined) return;
  for (const number of await segmentNumbers(to)) {
    signal?.throwIfAborted();
    const [archived, counterpart] = [segmentPath(to, number), segmentPath(from, number)];
    if (number < first) {
      const header = await readHeader(archived);
      if (inspectSegment(header, viewOf(header), key.id, mac).kind === 'segment') continue;
    } else {
      const isMissed = number < last && !own.includes(number); // told when the export comes to it
      if (isMissed || (await isCopy(archived, counterpart))) continue;
    }
    throw new SentinelError('USAGE', { problem: `${archived} is no copy of ${counterpart}; export into a directory of its own` }); // prettier-ignore
  }
}

/** Throws USAGE unless the archived segment is a copy of the journal's. */
async function refuseOther(archived: string, own: string): Promise<void> {
  if (await isCopy(archived, own)) return;
  const problem = (await isBegun(own)) ? `holds other records than ${own}` : `goes further than the journal, which has no ${own}`;
  throw new SentinelError('USAGE', { problem: `${archived} ${problem}` });
} // prettier-ignore

/** Whether the segment of the journal, which may have grown since, begins with all that is in the archived one. */
async function isCopy(archived: string, own: string): Promise<boolean> {
  const theirs = await readSegment(archived);
  const end = contentEnd(theirs, 0);
  const ours = (await isBegun(own)) ? await readSegment(own) : new Uint8Array();
  return equalBytes(ours.subarray(0, end), theirs.subarray(0, end));
}

/** What names the key of the segments in a directory; DATA_UNREADABLE when it holds none. */
export async function keyIdOf(directory: string): Promise<Uint8Array> {
  const [first] = await segmentNumbers(directory);
  if (first === undefined) {
    throw new SentinelError('DATA_UNREADABLE', { file: directory, problem: 'there are no segments of a journal' });
  }
  return keyIdIn(await readHeader(segmentPath(directory, first)));
}

async function refuseSegments(directory: string): Promise<void> {
  if ((await segmentNumbers(directory)).length === 0) return;
  throw new SentinelError('USAGE', { problem: `${directory} already holds a journal` });
}

async function inspected(
  directory: string,
  number: number,
  key: ChainKey,
  mac: Mac,
): Promise<{ path: string; bytes: Uint8Array; header: Parameters<typeof scanSegment>[1] } | undefined> {
  const path = segmentPath(directory, number);
  const bytes = await readSegment(path);
  const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
  if (found.kind === 'damaged') throw corrupt(path, 0, found.problem);
  return found.kind === 'empty' ? undefined : { path, bytes, header: found.header };
}

/** Copies one segment up to its last whole block; undefined when it holds none. */
async function copySegment({
  from,
  to,
  key,
  mac,
  number,
  complete,
  isIndexed = complete,
}: Omit<CopyOptions, 'signal'> & {
  readonly mac: Mac;
  readonly number: number;
  readonly complete: boolean;
  readonly isIndexed?: boolean;
}): Promise<SegmentSummary | undefined> {
  const source = await inspected(from, number, key, mac);
  if (source === undefined) return undefined;
  const { summary, ids, place, damage } = scanSegment(source.bytes, source.header, key.seed, mac);
  if (damage !== undefined && (complete || !damage.torn)) {
    throw corrupt(source.path, damage.offset, `seq ${damage.seq}: ${damage.problem}`);
  }
  await writeAtomically(segmentPath(to, number), [source.bytes.subarray(0, place.at)]);
  if (isIndexed) await writeAtomically(indexPath(to, number), [await encodeIndex(summary, ids, mac)]);
  return summary;
}
