/** Where in the topic each stretch of seqs begins, so that any record is found by reading few others. */
import { type MergeStart } from './merge.ts';

/** Records of one stretch: what is read at most to find one, some 600 KB; a start costs 8 bytes a partition. */
const STRETCH = 256;
/** Starts there is room for at first; doubled when they do not fit. */
const FIRST_ROOM = 64;

export interface Stretches {
  /** Whether a start is wanted at `seq`. */
  wants(seq: number): boolean;
  add(start: MergeStart): void;
  /** The start to read from so as to come by `seq`; the first one kept when `seq` is older. */
  startFor(seq: number): MergeStart;
  /** The seqs of a stretch. */
  range(stretch: number): { readonly firstSeq: number; readonly lastSeq: number };
}

export function stretchOf(seq: number): number {
  return Math.floor(seq / STRETCH);
}

/** What a start has in common with those before it: it changes when writers do. */
type Writers = Pick<MergeStart, 'epoch' | 'claims'>;

export function createStretches(first: MergeStart): Stretches {
  const partitions = first.offsets.length;
  const firstStretch = stretchOf(first.seq);
  /** Starts there are; of all but the first, one behind the other, the offsets. */
  let count = 1;
  let offsets = new Float64Array(FIRST_ROOM * partitions);
  /** From which start on which writers held, in order. */
  const writers: (Writers & { readonly from: number })[] = [{ epoch: first.epoch, claims: first.claims, from: 0 }];

  return {
    wants: (seq) => seq > first.seq && seq % STRETCH === 0 && stretchOf(seq) - firstStretch === count,
    add({ epoch, claims, offsets: added }) {
      const at = (count - 1) * partitions;
      if (at === offsets.length) {
        const larger = new Float64Array(2 * offsets.length);
        larger.set(offsets);
        offsets = larger;
      }
      offsets.set(added, at);
      if (!areSame(writers.at(-1)!, { epoch, claims })) writers.push({ epoch, claims, from: count });
      count += 1;
    },
    startFor(seq) {
      const index = Math.min(count - 1, Math.max(0, stretchOf(seq) - firstStretch));
      if (index === 0) return first;
      const { epoch, claims } = writers.findLast(({ from }) => from <= index)!;
      const at = (index - 1) * partitions;
      const own = [...offsets.subarray(at, at + partitions)];
      return { seq: (firstStretch + index) * STRETCH, epoch, offsets: own, claims };
    },
    range: (stretch) => ({ firstSeq: stretch * STRETCH, lastSeq: (stretch + 1) * STRETCH - 1 }),
  };
}

function areSame(one: Writers, other: Writers): boolean {
  return (
    one.epoch === other.epoch &&
    one.claims.every(({ epoch, after }, i) => epoch === other.claims[i]!.epoch && after === other.claims[i]!.after)
  );
}
