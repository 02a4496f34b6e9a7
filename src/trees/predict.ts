/** Turns an ensemble into a fast scorer of single rows. */
import { fillSlots, slotOf } from './slots.ts';
import { createSymmetricLeaves } from './symmetric-leaves.ts';
import { depthOf, type Tree, type TreeEnsemble } from './tree.ts';

/** The margin of the row of `featureCount` values that starts at `offset`. */
export type RowScorer = (row: Float64Array, offset: number) => number;

/** Trees walked side by side, so that one's memory latency hides behind the others'. */
const LANES = 4;

/**
 * A scorer holding its own scratch memory: one call at a time. Sums trees in their order. `leaves`, of the same ensemble,
 * may be shared with an explainer.
 */
export function createScorer(ensemble: TreeEnsemble, leaves = createSymmetricLeaves(ensemble)): RowScorer {
  const { baseMargin } = ensemble;
  if (ensemble.symmetric.length > 0) return (row, offset) => baseMargin + leaves.sum(row, offset);
  const slots = new Float64Array(2 * ensemble.featureCount);
  const sum = laneSummer(ensemble.trees, baseMargin);
  return (row, offset) => {
    fillSlots(row, offset, slots);
    return sum(slots);
  };
}

/** All nodes of all trees in one arena; a leaf tests against NaN and leads to itself. */
function laneSummer(trees: readonly Tree[], baseMargin: number): (slots: Float64Array) => number {
  const byDepth = trees.map((tree) => ({ tree, depth: depthOf(tree) })).sort((a, b) => a.depth - b.depth);
  const nodes = trees.reduce((sum, tree) => sum + tree.feature.length, 1);
  // Node 0 is a leaf worth 0, for the lanes that the last group leaves empty.
  const threshold = new Float64Array(nodes).fill(NaN);
  const value = new Float64Array(nodes);
  /** Pairs (slot tested, left child). */
  const step = new Int32Array(2 * nodes);
  const groups = Math.ceil(trees.length / LANES);
  const roots = new Int32Array(groups * LANES);
  const depths = new Int32Array(groups);
  let from = 1;
  byDepth.forEach(({ tree, depth }, place) => {
    roots[place] = from;
    depths[Math.floor(place / LANES)] = depth;
    for (let node = 0; node < tree.feature.length; node++) {
      const isLeaf = tree.feature[node]! < 0;
      if (!isLeaf) threshold[from + node] = tree.threshold[node]!;
      value[from + node] = tree.value[node]!;
      step[2 * (from + node)] = isLeaf ? 0 : slotOf(tree.feature[node]!, tree.missingLeft[node]!);
      step[2 * (from + node) + 1] = from + (isLeaf ? node : tree.left[node]!);
    }
    from += tree.feature.length;
  });
  return (slots) => {
    let sum = baseMargin;
    for (let group = 0; group < groups; group++) {
      let a = roots[LANES * group]!;
      let b = roots[LANES * group + 1]!;
      let c = roots[LANES * group + 2]!;
      let d = roots[LANES * group + 3]!;
      for (let level = depths[group]!; level > 0; level--) {
        a = step[2 * a + 1]! + +(slots[step[2 * a]!]! >= threshold[a]!);
        b = step[2 * b + 1]! + +(slots[step[2 * b]!]! >= threshold[b]!);
        c = step[2 * c + 1]! + +(slots[step[2 * c]!]! >= threshold[c]!);
        d = step[2 * d + 1]! + +(slots[step[2 * d]!]! >= threshold[d]!);
      }
      sum += value[a]! + value[b]! + (value[c]! + value[d]!);
    }
    return sum;
  };
}
