/** The leaf a row falls in, in each symmetric tree: found once for a score and its explanation. */
import { fillSlots, slotOf } from './slots.ts';
import { type SymmetricTree, type TreeEnsemble } from './tree.ts';

export interface SymmetricLeaves {
  /** Leaf of each tree, valid until the next call; for the values of the last call it costs a comparison of them. */
  of(row: Float64Array, offset: number): Int32Array;
  /** Sum of the values of these leaves, in the order of the trees. */
  sum(row: Float64Array, offset: number): number;
}

/** Holds its own scratch memory: one call at a time. */
export function createSymmetricLeaves({ symmetric, featureCount }: TreeEnsemble): SymmetricLeaves {
  const tests = layOutTests(symmetric);
  const leaves = new Int32Array(symmetric.length);
  const slots = new Float64Array(2 * featureCount);
  const seen = new Float64Array(featureCount);
  let sum: number | undefined;
  const see = (row: Float64Array, offset: number): number => {
    if (sum !== undefined && isSame(row, offset, seen)) return sum;
    for (let feature = 0; feature < featureCount; feature++) seen[feature] = row[offset + feature]!;
    fillSlots(seen, 0, slots);
    sum = findLeaves(tests, slots, leaves);
    return sum;
  };
  return {
    of(row, offset) {
      see(row, offset);
      return leaves;
    },
    sum: see,
  };
}

/** Whether no test can tell the row from the one in `seen`. */
function isSame(row: Float64Array, offset: number, seen: Float64Array): boolean {
  for (let feature = 0; feature < seen.length; feature++) {
    const a = row[offset + feature]!;
    const b = seen[feature]!;
    if (a !== b && (a === a || b === b)) return false;
  }
  return true;
}

/** Levels a symmetric tree is padded to, so that one unrolled loop serves all usual depths. */
const UNROLLED_LEVELS = 6;

/** The tests and leaf values of padded symmetric trees. */
interface SymmetricTests {
  readonly levels: number;
  /** [trees × levels] */
  readonly slot: Int32Array;
  readonly threshold: Float64Array;
  /** [trees × 2^levels] */
  readonly value: Float64Array;
}

/** Pads all trees to one depth by tests that nothing passes (a comparison with NaN), which leave their bits 0. */
function layOutTests(trees: readonly SymmetricTree[]): SymmetricTests {
  const levels = trees.reduce((most, tree) => Math.max(most, tree.feature.length), UNROLLED_LEVELS);
  const slot = new Int32Array(trees.length * levels);
  const threshold = new Float64Array(trees.length * levels).fill(NaN);
  const value = new Float64Array(trees.length << levels);
  trees.forEach((tree, place) => {
    value.set(tree.value, place << levels);
    tree.feature.forEach((feature, level) => {
      slot[place * levels + level] = slotOf(feature, tree.missingLeft[level]!);
      threshold[place * levels + level] = tree.threshold[level]!;
    });
  });
  return { levels, slot, threshold, value };
}

/** Fills `leaves` with the leaf of each tree and returns the sum of their values. */
function findLeaves(tests: SymmetricTests, slots: Float64Array, leaves: Int32Array): number {
  const { levels, slot, threshold, value } = tests;
  let sum = 0;
  for (let tree = 0, at = 0; tree < leaves.length; tree++, at += levels) {
    let leaf =
      +(slots[slot[at]!]! >= threshold[at]!) |
      (+(slots[slot[at + 1]!]! >= threshold[at + 1]!) << 1) |
      (+(slots[slot[at + 2]!]! >= threshold[at + 2]!) << 2) |
      (+(slots[slot[at + 3]!]! >= threshold[at + 3]!) << 3) |
      (+(slots[slot[at + 4]!]! >= threshold[at + 4]!) << 4) |
      (+(slots[slot[at + 5]!]! >= threshold[at + 5]!) << 5);
    for (let level = UNROLLED_LEVELS; level < levels; level++) {
      leaf |= +(slots[slot[at + level]!]! >= threshold[at + level]!) << level;
    }
    leaves[tree] = leaf;
    sum += value[(tree << levels) + leaf]!;
  }
  return sum;
}
