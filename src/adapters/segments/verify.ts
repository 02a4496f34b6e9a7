/** Walks a whole journal and checks everything storage can tell: headers, checksums, chain, order of seqs. */
import { viewOf } from '../../journal/bytes.ts';
import { takeRecord } from '../../journal/frame.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { type ChainPlace, scanBlocks } from '../../journal/scan.ts';
import { inspectSegment } from '../../journal/segment.ts';
import { equalBytes } from '../../journal/block.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type ChainKey } from './chain-key.ts';
import { hex } from './look-up.ts';
import { createMac } from '../system/mac.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { segmentNumbers } from './recovery.ts';
import { segmentPath } from './segment-files.ts';
import { isBegun, readSegment, startOfChain } from './segment-scan.ts';

export interface JournalProblem {
  readonly file: string;
  readonly offset: number;
  /** The record it was met at; 0 when no record is concerned. */
  readonly seq: number;
  readonly problem: string;
  /** The last block was half-written: the next start cuts it, nothing acknowledged is lost. */
  readonly tornTail: boolean;
}

export interface JournalScan {
  readonly segments: number;
  readonly blocks: number;
  readonly records: number;
  /** `seq` of the first record still kept; 0 when the journal is empty. */
  readonly firstSeq: number;
  readonly head: JournalHead;
  readonly problems: number;
}

export interface ScanOptions {
  readonly directory: string;
  readonly key: ChainKey;
  /** Stop after this seq: the head of a journal that is being written meanwhile. */
  readonly throughSeq?: number;
  /** A head that was told to the world; the chain must pass through it. */
  readonly published?: JournalHead;
  readonly onRecord?: (record: JournalRecord, place: { readonly file: string; readonly offset: number }) => void;
  /** Awaited after each segment, so that whoever takes the records can work them off before more are read. */
  readonly onSegment?: () => Promise<void>;
  readonly onProblem: (problem: JournalProblem) => void;
}

/** Reads every segment; after damage it goes on with the next whole block. Changes nothing and takes no lock. */
export async function scanJournal(options: ScanOptions): Promise<JournalScan> {
  const { directory, key, onRecord, published } = options;
  const throughSeq = options.throughSeq ?? Number.MAX_SAFE_INTEGER;
  const mac = createMac(key.key);
  const numbers = await segmentNumbers(directory);
  let chain: ChainPlace | undefined;
  let [segments, blocks, records, firstSeq, problems] = [0, 0, 0, 0, 0];
  let publishedSeen = published === undefined || published.seq === 0;
  let file = directory;
  const report = (offset: number, seq: number, problem: string, tornTail = false): void => {
    problems += 1;
    options.onProblem({ file, offset, seq, problem, tornTail });
  };

  const walk = (bytes: Uint8Array, from: ChainPlace, isLast: boolean): ChainPlace => {
    for (let place = from; ;) {
      const result = scanBlocks(
        bytes,
        place,
        { mac, primitives: PRIMITIVES },
        (view, at) => {
          records += 1;
          if (view.getFloat64(at + 16, true) <= throughSeq) take(bytes, view, at);
        },
        (header, at) => {
          blocks += 1;
          const last = header.firstSeq + header.count - 1;
          if (last === published?.seq) {
            publishedSeen = true;
            if (hex(header.mac) !== published.mac) report(at, last, 'the chain differs from the published head');
          }
        },
      );
      const { damage } = result;
      if (damage === undefined || damage.seq > throughSeq) return result.place;
      report(damage.offset, damage.seq, damage.problem, isLast && damage.torn);
      if (damage.resumesAt === undefined) return result.place;
      const view = viewOf(bytes);
      const resumed = damage.resumesAt;
      place = {
        at: resumed,
        nextSeq: view.getFloat64(resumed + 16, true),
        mac: bytes.slice(resumed + 24, resumed + 56),
      };
    }
  };

  const take = (bytes: Uint8Array, view: DataView, at: number): void => {
    try {
      onRecord?.(takeRecord(bytes, view, at, PRIMITIVES), { file, offset: at });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report(at, view.getFloat64(at + 16, true), error.message);
    }
  };

  for (const [index, number] of numbers.entries()) {
    const due = numbers[0]! + index;
    file = segmentPath(directory, due);
    if (number !== due) {
      report(0, chain?.nextSeq ?? 0, 'the segment is missing');
      break;
    }
    const bytes = await readSegment(file);
    const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
    const isLast = number === numbers.at(-1);
    if (found.kind === 'empty' && isLast) break;
    if (found.kind !== 'segment') {
      report(0, chain?.nextSeq ?? 0, found.kind === 'empty' ? 'the segment is empty' : found.problem, isLast);
      chain = undefined;
      continue;
    }
    segments += 1;
    const start = startOfChain(found.header);
    if (chain === undefined) firstSeq = firstSeq === 0 ? start.nextSeq : firstSeq;
    else if (start.nextSeq !== chain.nextSeq) {
      report(16, chain.nextSeq, `the segment begins with seq ${start.nextSeq} where ${chain.nextSeq} is due`);
    } else if (!equalBytes(start.mac, chain.mac)) report(48, chain.nextSeq, 'the segment does not continue the chain');
    chain = walk(bytes, start, isLast || !(await isBegun(segmentPath(directory, number + 1))));
    await options.onSegment?.();
  }
  if (!publishedSeen) {
    const isBefore = published!.seq < firstSeq;
    if (isBefore) file = segmentPath(directory, numbers[0]!);
    const problem = isBefore ? `the journal begins with seq ${firstSeq}` : 'no block ends there';
    report(0, published!.seq, `seq ${published!.seq} was published, but ${problem}`);
  }
  const seq = (chain?.nextSeq ?? 1) - 1;
  const head = { seq, mac: chain === undefined || seq === 0 ? '' : hex(chain.mac) };
  return { segments, blocks, records, firstSeq, head, problems };
}
