/** The leaf a row falls in, in each symmetric tree: found once for a score and its explanation. */
import { slotOf } from './slots.ts';
import { type SymmetricTree, type TreeEnsemble } from './tree.ts';

export interface SymmetricLeaves {
  /** Tests of every tree: its leaf has as many bits. */
  readonly levels: number;
  /** Leaf of each tree, valid until the next call; for the values of the last call it costs a comparison of them. */
  of(row: Float64Array, offset: number): Int32Array;
}

/** Holds its own scratch memory: one call at a time. */
export function createSymmetricLeaves({ symmetric, featureCount }: TreeEnsemble): SymmetricLeaves {
  const index = indexSymmetric(symmetric);
  const leaves = new Int32Array(symmetric.length);
  const slots = new Float64Array(2 * featureCount).fill(NaN); // equal to no row
  return {
    levels: index.levels,
    of(row, offset) {
      if (!refillSlots(row, offset, slots)) return leaves;
      for (let tree = 0; tree < leaves.length; tree++) leaves[tree] = symmetricLeaf(index, tree * index.levels, slots);
      return leaves;
    },
  };
}

/** As `fillSlots`; whether any slot has changed. */
function refillSlots(row: Float64Array, offset: number, slots: Float64Array): boolean {
  let changed = 0;
  for (let slot = 0; slot < slots.length; slot += 2) {
    const x = row[offset + (slot >> 1)]!;
    const isMissing = x !== x;
    const right = isMissing ? Infinity : x;
    const left = isMissing ? -Infinity : x;
    changed |= +(slots[slot] !== right) | +(slots[slot + 1] !== left);
    slots[slot] = right;
    slots[slot + 1] = left;
  }
  return changed !== 0;
}

/** Levels a symmetric tree is padded to, so that one unrolled loop serves all usual depths. */
const UNROLLED_LEVELS = 6;

/** The tests of padded symmetric trees. */
interface SymmetricIndex {
  readonly levels: number;
  /** [trees × levels] */
  readonly slot: Int32Array;
  readonly threshold: Float64Array;
}

/** Pads all trees to one depth by tests that nothing passes (a comparison with NaN), which leave their bits 0. */
function indexSymmetric(trees: readonly SymmetricTree[]): SymmetricIndex {
  const levels = trees.reduce((most, tree) => Math.max(most, tree.feature.length), UNROLLED_LEVELS);
  const slot = new Int32Array(trees.length * levels);
  const threshold = new Float64Array(trees.length * levels).fill(NaN);
  trees.forEach((tree, place) => {
    tree.feature.forEach((feature, level) => {
      slot[place * levels + level] = slotOf(feature, tree.missingLeft[level]!);
      threshold[place * levels + level] = tree.threshold[level]!;
    });
  });
  return { levels, slot, threshold };
}

/** Leaf of the tree whose tests start at `from`. */
function symmetricLeaf(index: SymmetricIndex, from: number, slots: Float64Array): number {
  const { slot, threshold, levels } = index;
  let leaf =
    +(slots[slot[from]!]! >= threshold[from]!) |
    (+(slots[slot[from + 1]!]! >= threshold[from + 1]!) << 1) |
    (+(slots[slot[from + 2]!]! >= threshold[from + 2]!) << 2) |
    (+(slots[slot[from + 3]!]! >= threshold[from + 3]!) << 3) |
    (+(slots[slot[from + 4]!]! >= threshold[from + 4]!) << 4) |
    (+(slots[slot[from + 5]!]! >= threshold[from + 5]!) << 5);
  for (let level = UNROLLED_LEVELS; level < levels; level++) {
    leaf |= +(slots[slot[from + level]!]! >= threshold[from + level]!) << level;
  }
  return leaf;
}
