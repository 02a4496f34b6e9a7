/** Trees as flat arrays, and the ensembles they form. */

/**
 * A binary tree; node 0 is the root, the children of a node are neighbours: `left` and `left + 1`.
 * A row goes left when `x < threshold`; a missing value (NaN) goes left when `missingLeft` is 1.
 * All arrays are as long as there are nodes.
 */
export interface Tree {
  /** Feature tested, or -1 in a leaf. */
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly missingLeft: Uint8Array;
  /** Index of the left child, greater than the node's own; 0 in a leaf. */
  readonly left: Int32Array;
  /** What a leaf adds to the margin; 0 elsewhere. */
  readonly value: Float64Array;
  /** Weight of the training rows that reached the node: second derivatives (boosting) or row weights (forest). */
  readonly cover: Float64Array;
  /** Loss saved by the split; 0 in a leaf. */
  readonly gain: Float64Array;
}

/**
 * A tree with the same test on each level; level l sets bit l of the leaf's index when the row goes right.
 * Level 0 is the root.
 */
export interface SymmetricTree {
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly missingLeft: Uint8Array;
  /** Loss saved by each level. */
  readonly gain: Float64Array;
  /** Leaf values, [2^levels]. */
  readonly value: Float64Array;
  /** Leaf covers, [2^levels]; an unreached leaf has 0. */
  readonly cover: Float64Array;
}

/** The sum of its trees on top of `baseMargin`; one of the two lists is empty. */
export interface TreeEnsemble {
  readonly featureCount: number;
  readonly baseMargin: number;
  readonly trees: readonly Tree[];
  readonly symmetric: readonly SymmetricTree[];
}

/** Leaf of `tree` that a column-major row falls in, as a node index. */
export function leafOfColumns(tree: Tree, columns: readonly Float64Array[], row: number): number {
  let node = 0;
  for (let feature = tree.feature[0]!; feature >= 0; feature = tree.feature[node]!) {
    const x = columns[feature]![row]!;
    const right = Number.isNaN(x) ? tree.missingLeft[node] === 0 : x >= tree.threshold[node]!;
    node = tree.left[node]! + (right ? 1 : 0);
  }
  return node;
}

/** Leaf index of `tree` that a column-major row falls in. */
export function symmetricLeafOfColumns(tree: SymmetricTree, columns: readonly Float64Array[], row: number): number {
  let leaf = 0;
  for (let level = 0; level < tree.feature.length; level++) {
    const x = columns[tree.feature[level]!]![row]!;
    const right = Number.isNaN(x) ? tree.missingLeft[level] === 0 : x >= tree.threshold[level]!;
    if (right) leaf |= 1 << level;
  }
  return leaf;
}

/** Length of the longest path, in splits. */
export function depthOf(tree: Tree): number {
  const depth = new Int32Array(tree.feature.length);
  let deepest = 0;
  for (let node = 0; node < depth.length; node++) {
    if (tree.feature[node]! < 0) continue;
    const below = depth[node]! + 1;
    depth[tree.left[node]!] = below;
    depth[tree.left[node]! + 1] = below;
    deepest = Math.max(deepest, below);
  }
  return deepest;
}

/** Total gain of the splits on each feature, [featureCount]. */
export function gainByFeature(ensemble: TreeEnsemble): Float64Array {
  const total = new Float64Array(ensemble.featureCount);
  for (const tree of [...ensemble.trees, ...ensemble.symmetric]) {
    for (let node = 0; node < tree.feature.length; node++) {
      const feature = tree.feature[node]!;
      if (feature >= 0) total[feature] = total[feature]! + tree.gain[node]!;
    }
  }
  return total;
}
