/** Lays trees out in memory for the kernel of path-kernel.ts: records of their splits, in the order it visits them. */
import { coverShare } from './explanation.ts';
import { slotOf } from './slots.ts';
import { type Tree } from './tree.ts';

export const INTEGER_BYTES = 4;
export const DOUBLE_BYTES = 8;
/** Two doubles. */
export const PAIR_BYTES = 16;

/*
 * Edge e of a tree leads to its node e and has a share z: of the training weight that reaches the topmost test of the
 * edge's feature on the path, what passes all the path's tests of this feature down to here. A split has two edges.
 */

/** A split with another split below it. i32 from here. */
export const SPLIT_BYTES = 48;
/** Of a split and of a twig: where the value tested stands, where the node's work area is, where its feature is summed. */
export const SPLIT_SLOT = 0;
export const SPLIT_NODE = 4;
export const SPLIT_SUM = 8;
/** Of both: the `REPEAT_*` record of a feature that has been tested above, or 0. */
export const SPLIT_REPEAT = 12;
/** f64 from here; shares of the left and of the right edge. */
export const SPLIT_THRESHOLD = 16;
export const SPLIT_SHARES = 24;
/** i32: work area of the left child; the right child's follows. */
export const SPLIT_LEFT = 40;

/** A split into two leaves; f64 values of the left and of the right one where a split has `SPLIT_LEFT`. */
export const TWIG_BYTES = 56;
export const TWIG_VALUES = 40;

/** What a split that tests a feature again must know. f64: the part of its share that each edge adds, left and right. */
export const REPEAT_PARTS = 0;
/** f64: 1 − z of the nearest edge above that tests the same feature. */
export const REPEAT_REST = 16;
/** i32: where it is noted whether that edge is passed. */
export const REPEAT_PASSED = 24;
/** f64 [points]: 1 / (z + t·(1 − z)) of that edge. */
export const REPEAT_INVERSE = 32;

/** A leaf below a split that is not a twig: i32 work area, f64 value. */
export const LEAF_BYTES = 16;
export const LEAF_NODE = 0;
export const LEAF_VALUE = 8;

/** A tree: i32 ends of its splits, twigs and leaves, each of which begins where the tree before ends. */
export const TREE_BYTES = 12;

/** Where things stand, bytes. */
export interface PathAreas {
  readonly slots: number;
  readonly sums: number;
  /** Work areas of the tree at hand: how many bytes a node takes, and where in them it is noted that its edge is passed. */
  readonly work: number;
  readonly nodeBytes: number;
  readonly passed: number;
}

/** Trees of equal needs, as records. */
export interface PathRecords {
  readonly trees: number;
  readonly splits: number;
  readonly twigs: number;
  readonly leaves: number;
  readonly treeCount: number;
  /** First byte behind the records. */
  readonly end: number;
}

/** What a tree's nodes are to the kernel. */
interface Kinds {
  readonly splits: readonly number[];
  readonly twigs: readonly number[];
  readonly leaves: readonly number[];
  /** By split: the nearest edge above that tests the same feature, or 0. */
  readonly previous: Int32Array;
  /** By edge: its share. */
  readonly share: Float64Array;
}

const isLeaf = (tree: Tree, node: number): boolean => tree.feature[node]! < 0;
const isTwig = (tree: Tree, node: number): boolean =>
  !isLeaf(tree, node) && isLeaf(tree, tree.left[node]!) && isLeaf(tree, tree.left[node]! + 1);

function kindsOf(tree: Tree, owners: Int32Array): Kinds {
  const nodes = tree.feature.length;
  const parents = new Int32Array(nodes);
  const previous = new Int32Array(nodes);
  const share = new Float64Array(nodes).fill(1);
  const [splits, twigs, leaves]: number[][] = [[], [], []];
  for (let node = 0; node < nodes; node++) {
    if (isLeaf(tree, node)) {
      if (!isTwig(tree, parents[node]!)) leaves!.push(node);
      continue;
    }
    (isTwig(tree, node) ? twigs! : splits!).push(node);
    let above = node;
    while (above > 0 && owners[tree.feature[parents[above]!]!] !== owners[tree.feature[node]!]) above = parents[above]!;
    previous[node] = above;
    for (const child of childrenOf(tree, node)) {
      parents[child] = node;
      share[child] = share[above]! * partOf(tree, node, child);
    }
  }
  return { splits: splits!, twigs: twigs!, leaves: leaves!, previous, share };
}

const childrenOf = ({ left }: Tree, node: number): readonly [number, number] => [left[node]!, left[node]! + 1];
const partOf = ({ cover }: Tree, node: number, child: number): number => coverShare(cover[child]!, cover[node]!);

/** Bytes that `writeTrees` may take for trees whose repeated tests need `points` points. */
export function recordBytes(trees: readonly Tree[], points: number): number {
  const nodes = trees.reduce((sum, { feature }) => sum + feature.length, 0);
  const splits = (nodes - trees.length) / 2;
  const split = TWIG_BYTES + REPEAT_INVERSE + DOUBLE_BYTES * points;
  return trees.length * TREE_BYTES + splits * split + (nodes - splits) * LEAF_BYTES + 8 * PAIR_BYTES;
}

/** Writes the records of `trees` from `begin` on; `points` are all quadrature points they are to be visited with. */
export function writeTrees(
  memory: ArrayBuffer,
  begin: number,
  trees: readonly Tree[],
  owners: Int32Array,
  points: Float64Array,
  areas: PathAreas,
): PathRecords {
  const view = new DataView(memory);
  const kinds = trees.map((tree) => kindsOf(tree, owners));
  const count = (list: 'splits' | 'twigs' | 'leaves'): number =>
    kinds.reduce((sum, tree) => sum + tree[list].length, 0);
  const splits = roundUp(begin + trees.length * TREE_BYTES);
  const twigs = splits + count('splits') * SPLIT_BYTES;
  const leaves = twigs + count('twigs') * TWIG_BYTES;
  let [nextSplit, nextTwig, nextLeaf] = [splits, twigs, leaves];
  let nextRepeat = roundUp(leaves + count('leaves') * LEAF_BYTES);
  const workOf = (node: number): number => areas.work + node * areas.nodeBytes;

  function writeRepeat(tree: Tree, node: number, above: number, z: number): number {
    const at = nextRepeat;
    nextRepeat += REPEAT_INVERSE + DOUBLE_BYTES * points.length;
    childrenOf(tree, node).forEach((child, side) =>
      view.setFloat64(at + REPEAT_PARTS + DOUBLE_BYTES * side, partOf(tree, node, child), true),
    );
    view.setFloat64(at + REPEAT_REST, 1 - z, true);
    view.setInt32(at + REPEAT_PASSED, workOf(above) + areas.passed, true);
    points.forEach((t, point) =>
      view.setFloat64(at + REPEAT_INVERSE + DOUBLE_BYTES * point, 1 / (z + t * (1 - z)), true),
    );
    return at;
  }

  function writeTest(at: number, tree: Tree, node: number, { previous, share }: Kinds): void {
    const above = previous[node]!;
    const feature = tree.feature[node]!;
    view.setInt32(at + SPLIT_SLOT, areas.slots + DOUBLE_BYTES * slotOf(feature, tree.missingLeft[node]!), true);
    view.setInt32(at + SPLIT_NODE, workOf(node), true);
    view.setInt32(at + SPLIT_SUM, areas.sums + PAIR_BYTES * owners[feature]!, true);
    view.setInt32(at + SPLIT_REPEAT, above === 0 ? 0 : writeRepeat(tree, node, above, share[above]!), true);
    view.setFloat64(at + SPLIT_THRESHOLD, tree.threshold[node]!, true);
    childrenOf(tree, node).forEach((child, side) =>
      view.setFloat64(at + SPLIT_SHARES + DOUBLE_BYTES * side, share[child]!, true),
    );
  }

  trees.forEach((tree, place) => {
    const own = kinds[place]!;
    for (const node of own.splits) {
      writeTest(nextSplit, tree, node, own);
      view.setInt32(nextSplit + SPLIT_LEFT, workOf(tree.left[node]!), true);
      nextSplit += SPLIT_BYTES;
    }
    for (const node of own.twigs) {
      writeTest(nextTwig, tree, node, own);
      childrenOf(tree, node).forEach((child, side) =>
        view.setFloat64(nextTwig + TWIG_VALUES + DOUBLE_BYTES * side, tree.value[child]!, true),
      );
      nextTwig += TWIG_BYTES;
    }
    for (const node of own.leaves) {
      view.setInt32(nextLeaf + LEAF_NODE, workOf(node), true);
      view.setFloat64(nextLeaf + LEAF_VALUE, tree.value[node]!, true);
      nextLeaf += LEAF_BYTES;
    }
    [nextSplit, nextTwig, nextLeaf].forEach((end, kind) =>
      view.setInt32(begin + place * TREE_BYTES + INTEGER_BYTES * kind, end, true),
    );
  });
  return { trees: begin, splits, twigs, leaves, treeCount: trees.length, end: roundUp(nextRepeat) };
}

/** To whole pairs. */
export const roundUp = (bytes: number): number => Math.ceil(bytes / PAIR_BYTES) * PAIR_BYTES;
