/** Which ids were answered and where: exactly within a window, by their stretch of the topic before it. */
import { createIdMemory, type RememberedId } from '../../journal/id-memory.ts';
import { stretchOf } from './stretches.ts';

export interface IdIndexOptions {
  /** Makes fingerprints of ids differ from one installation to the next. */
  readonly seed: number;
  /** How long an id is remembered exactly, and how many are at most. */
  readonly exactWindowMs: number;
  readonly exactLimit: number;
}

export interface IdIndex {
  /** Remembers an answered id, in the order of seqs. The first of equal ids counts. */
  add(transactionId: string, requestHash: string, seq: number, arrivalMs: number): void;
  find(transactionId: string): Pick<RememberedId, 'seq' | 'requestHash'> | 'elsewhere' | undefined;
  /** Stretches that may hold an older id, likeliest first. */
  olderStretches(transactionId: string): readonly number[];
  /** Lets at most `count` ids leave exact memory, if their time has come. */
  retire(count: number): void;
  bytes(): number;
}

/** Retired groups kept before the list is cut. */
const FORGOTTEN_GROUPS = 4_096;

/** Ids of consecutive records leave exact memory together. */
interface Group {
  readonly stretch: number;
  end: number;
  lastArrivalMs: number;
}

export function createIdIndex({ seed, exactWindowMs, exactLimit }: IdIndexOptions): IdIndex {
  const ids = createIdMemory(seed);
  const groups: Group[] = [];
  let oldest = 0;
  let newestArrivalMs = 0;
  return {
    add(transactionId, requestHash, seq, arrivalMs) {
      const stretch = stretchOf(seq);
      ids.add(transactionId, requestHash, seq, 0);
      ids.place(1, stretch, 0);
      newestArrivalMs = Math.max(newestArrivalMs, arrivalMs);
      const group = groups.at(-1);
      if (group?.stretch !== stretch) groups.push({ stretch, end: ids.end(), lastArrivalMs: arrivalMs });
      else Object.assign(group, { end: ids.end(), lastArrivalMs: arrivalMs });
    },
    find: (transactionId) => ids.find(transactionId),
    olderStretches: (transactionId) => ids.olderSegments(transactionId),
    retire(count) {
      for (let left = count; left > 0 && oldest < groups.length - 1; left -= 1) {
        const group = groups[oldest]!;
        if (group.lastArrivalMs >= newestArrivalMs - exactWindowMs && ids.exact() <= exactLimit) return;
        if (ids.retire(group.end, left) > 0) return;
        oldest += 1;
      }
      if (oldest > FORGOTTEN_GROUPS) {
        groups.splice(0, oldest);
        oldest = 0;
      }
    },
    bytes: () => ids.bytes(),
  };
}
