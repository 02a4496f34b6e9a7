/** The margin as libraries that compute in single precision give it: the sum rounded after every tree, in order. */
import { type RowScorer } from './predict.ts';
import { fillSlots, slotOf } from './slots.ts';
import { depthOf, type TreeEnsemble } from './tree.ts';

/** Trees walked side by side, neighbours in the order of the sum. */
const LANES = 4;

/**
 * A scorer of an ensemble's binary trees, whose leaves and base margin must be single-precision numbers. Holds its own
 * scratch memory: one call at a time.
 */
export function createFloat32Scorer({ trees, baseMargin, featureCount }: TreeEnsemble): RowScorer {
  const groups = Math.ceil(trees.length / LANES);
  const depths = new Int32Array(groups);
  const roots = new Int32Array(groups * LANES);
  const nodes = trees.reduce((sum, tree) => sum + tree.feature.length, 1);
  // Node 0 is a leaf worth 0, for the lanes that the last group leaves empty; a leaf tests against NaN and leads to itself.
  const threshold = new Float64Array(nodes).fill(NaN);
  const value = new Float64Array(nodes);
  /** Pairs (slot tested, left child). */
  const step = new Int32Array(2 * nodes);
  let from = 1;
  trees.forEach((tree, place) => {
    const group = Math.floor(place / LANES);
    roots[place] = from;
    depths[group] = Math.max(depths[group]!, depthOf(tree));
    for (let node = 0; node < tree.feature.length; node++) {
      const isLeaf = tree.feature[node]! < 0;
      if (!isLeaf) threshold[from + node] = tree.threshold[node]!;
      value[from + node] = tree.value[node]!;
      step[2 * (from + node)] = isLeaf ? 0 : slotOf(tree.feature[node]!, tree.missingLeft[node]!);
      step[2 * (from + node) + 1] = from + (isLeaf ? node : tree.left[node]!);
    }
    from += tree.feature.length;
  });
  const slots = new Float64Array(2 * featureCount);
  return (row, offset) => {
    fillSlots(row, offset, slots);
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
      sum = Math.fround(Math.fround(Math.fround(sum + value[a]!) + value[b]!) + value[c]!);
      sum = Math.fround(sum + value[d]!);
    }
    return sum;
  };
}
