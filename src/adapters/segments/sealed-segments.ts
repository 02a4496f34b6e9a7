/** The sealed segments: their indexes are written, and the ids in them leave exact memory when the window has passed. */
import { type Mac } from '../../journal/block.ts';
import { inSlices } from '../system/in-slices.ts';
import { writeAtomically } from './atomic-file.ts';
import { type IdMemory } from '../../journal/id-memory.ts';
import { encodeIndex, type SegmentIndex, type SegmentSummary } from './segment-index.ts';
import { indexPath } from './segment-files.ts';

export interface SealedSegmentsOptions {
  readonly directory: string;
  readonly mac: Mac;
  readonly ids: IdMemory;
  /** How long an id is remembered exactly, and how many are at most. */
  readonly exactWindowMs: number;
  readonly exactLimit: number;
  readonly onNotice: (text: string) => void;
}

export interface SealedSegments {
  /** Takes over what `recover` found. */
  load(indexes: readonly SegmentIndex[], newestArrivalMs: number): void;
  /** Adds a segment that is full and committed, and writes its index in the background. */
  add(summary: SegmentSummary): void;
  list(): readonly SegmentSummary[];
  /** Lets at most `count` ids leave exact memory, if their time has come. */
  retire(newestArrivalMs: number, count: number): void;
  /** Takes the segments that end before `seq` off the list, their ids out of exact memory; returns them. */
  forget(seq: number): readonly SegmentSummary[];
  /** Resolves when no index is being written any more. */
  settled(): Promise<void>;
}

interface Sealed {
  readonly summary: SegmentSummary;
  /** Exact entries up to here belong to this segment or to earlier ones; ids remembered by segment alone have none. */
  readonly entriesEnd: number;
  indexed: boolean;
}

export function createSealedSegments(options: SealedSegmentsOptions): SealedSegments {
  const { directory, mac, ids, exactWindowMs, exactLimit, onNotice } = options;
  let sealed: Sealed[] = [];
  let entriesFirst = 0;
  let retired = 0;
  let writing: Promise<void> = Promise.resolve();

  const writeIndex = async (segment: Sealed, first: number): Promise<void> => {
    try {
      const bytes = await encodeIndex(segment.summary, await ids.columns(first, segment.entriesEnd, inSlices), mac);
      await writeAtomically(indexPath(directory, segment.summary.number), [bytes]);
      segment.indexed = true;
    } catch (error) {
      onNotice(
        `${indexPath(directory, segment.summary.number)}: not written, the next start makes it: ${String(error)}`,
      );
    }
  };

  return {
    load(indexes, newestArrivalMs) {
      let exact = 0;
      let recentFrom = indexes.length;
      for (; recentFrom > 0; recentFrom -= 1) {
        const index = indexes[recentFrom - 1]!;
        exact += index.ids.offsets.length;
        if (index.summary.lastArrivalMs < newestArrivalMs - exactWindowMs || exact > exactLimit) break;
      }
      ids.reserve(indexes.reduce((sum, index) => sum + index.ids.offsets.length, 0));
      indexes.forEach((index, position) => {
        ids.load(index.ids, index.summary.number, position >= recentFrom);
        sealed.push({ summary: index.summary, entriesEnd: ids.end(), indexed: true });
      });
      entriesFirst = ids.end();
    },
    add(summary) {
      const first = entriesFirst;
      const segment: Sealed = { summary, entriesEnd: ids.placed(), indexed: false };
      entriesFirst = segment.entriesEnd;
      sealed.push(segment);
      writing = writing.then(() => writeIndex(segment, first));
    },
    list: () => sealed.map(({ summary }) => summary),
    retire(newestArrivalMs, count) {
      let left = count;
      while (left > 0 && retired < sealed.length) {
        const { summary, entriesEnd, indexed } = sealed[retired]!;
        const due = summary.lastArrivalMs < newestArrivalMs - exactWindowMs || ids.exact() > exactLimit;
        if (!indexed || !due) return;
        if (ids.retire(entriesEnd, left) > 0) return;
        left -= 1;
        retired += 1;
      }
    },
    forget(seq) {
      const gone = sealed.filter(({ summary }) => summary.lastSeq < seq);
      const last = gone.at(-1);
      if (last === undefined) return [];
      ids.retire(last.entriesEnd, Number.MAX_SAFE_INTEGER);
      sealed = sealed.slice(gone.length);
      retired = Math.max(0, retired - gone.length);
      return gone.map(({ summary }) => summary);
    },
    settled: () => writing,
  };
}
