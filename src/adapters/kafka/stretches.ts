/** Where in the topic each stretch of seqs begins, so that any record is found by reading few others. */
import { type MergeStart } from './merge.ts';

/** Records of one stretch: what is read at most to find one, some 600 KB; a start costs 8 bytes a partition. */
const STRETCH = 256;

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

export function createStretches(first: MergeStart): Stretches {
  const starts: MergeStart[] = [first];
  const firstStretch = stretchOf(first.seq);
  return {
    wants: (seq) => seq > first.seq && seq % STRETCH === 0 && stretchOf(seq) - firstStretch === starts.length,
    add(start) {
      starts.push(start);
    },
    startFor: (seq) => starts[Math.min(starts.length - 1, Math.max(0, stretchOf(seq) - firstStretch))]!,
    range: (stretch) => ({ firstSeq: stretch * STRETCH, lastSeq: (stretch + 1) * STRETCH - 1 }),
  };
}
