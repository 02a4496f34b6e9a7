/** Grows one binary tree, leaf by leaf (best first) or level by level. */
import { type BinnedColumns } from './bins.ts';
import { divideHistogram, type HistogramLayout, sumHistogram } from './histogram.ts';
import { type NodeSums, type Split, type SplitRules, findSplit, maySplit, nodeValue } from './split.ts';
import { type Tree } from './tree.ts';

export interface GrowthLimits {
  readonly maximumLeaves: number;
  readonly maximumDepth: number;
  /** True: always split the leaf that saves most; false: the oldest leaf, so levels fill one after the other. */
  readonly bestFirst: boolean;
}

export interface GrownTree {
  readonly tree: Tree;
  /** Rows `order[begin[node]..end[node])` reached the node. */
  readonly begin: Uint32Array;
  readonly end: Uint32Array;
  /** Code up to which values go left, by node. */
  readonly lastLeft: Int32Array;
}

/** Grows trees on one set of binned rows; scratch memory is kept between trees. */
export interface Grower {
  /**
   * `pairs` [2 × rows] holds gradient and second derivative by row; the first `count` entries of `order` are the rows
   * to grow on and are left partitioned by leaf. Leaf values are scaled by `learningRate`.
   */
  grow(pairs: Float64Array, order: Uint32Array, count: number, features: Int32Array, learningRate: number): GrownTree;
}

interface OpenLeaf {
  readonly node: number;
  readonly depth: number;
  readonly sums: NodeSums;
  readonly cells: Float64Array;
  readonly split: Split;
}

/** Nodes under construction; trimmed copies become the tree. */
function createNodes(most: number) {
  return {
    used: 1,
    feature: new Int32Array(most).fill(-1),
    threshold: new Float64Array(most),
    missingLeft: new Uint8Array(most),
    left: new Int32Array(most),
    value: new Float64Array(most),
    cover: new Float64Array(most),
    gain: new Float64Array(most),
    lastLeft: new Int32Array(most),
    begin: new Uint32Array(most),
    end: new Uint32Array(most),
  };
}
type Nodes = ReturnType<typeof createNodes>;

export function createGrower(
  binned: BinnedColumns,
  layout: HistogramLayout,
  rules: SplitRules,
  limits: GrowthLimits,
): Grower {
  const cellCount = 2 * layout.start[layout.start.length - 1]!;
  const spare: Float64Array[] = [];
  const scratch = new Uint32Array(binned.rows);
  const mostLeaves = limits.bestFirst
    ? Math.min(limits.maximumLeaves, 2 ** limits.maximumDepth)
    : Math.min(2 ** limits.maximumDepth, Math.max(2, binned.rows));

  const takeCells = (): Float64Array => spare.pop() ?? new Float64Array(cellCount);

  function grow(
    pairs: Float64Array,
    order: Uint32Array,
    count: number,
    features: Int32Array,
    learningRate: number,
  ): GrownTree {
    const nodes = createNodes(2 * mostLeaves - 1);
    const open: OpenLeaf[] = [];

    /** Settles a node as a leaf for now, and queues it when a split would pay. Takes ownership of `cells`. */
    function place(node: number, depth: number, sums: NodeSums, cells: Float64Array | undefined): void {
      nodes.cover[node] = sums.curvature;
      nodes.value[node] = learningRate * nodeValue(sums, rules.l2);
      if (cells === undefined) return;
      const split = findSplit(layout, cells, features, sums, rules);
      if (split === undefined) spare.push(cells);
      else open.push({ node, depth, sums, cells, split });
    }

    function splitLeaf(leaf: OpenLeaf, last: boolean): void {
      const { node, split, depth } = leaf;
      const middle = partition(binned, split, order, nodes.begin[node]!, nodes.end[node]!, scratch);
      const left = addChildren(nodes, leaf, middle, thresholdOf(binned, split));
      const [leftSums, rightSums] = childSums(leaf, rules);
      const goesOn = !last && depth + 1 < limits.maximumDepth;
      const isOpen = [leftSums, rightSums].map(({ curvature }) => goesOn && maySplit(curvature, rules));
      const smallerSide = middle - nodes.begin[node]! <= nodes.end[node]! - middle ? 0 : 1;
      const cells = divideHistogram(
        layout,
        pairs,
        order,
        { begin: nodes.begin[left + smallerSide]!, end: nodes.end[left + smallerSide]! },
        { smaller: isOpen[smallerSide]!, larger: isOpen[1 - smallerSide]! },
        leaf.cells,
        { take: takeCells, giveBack: (unused) => void spare.push(unused) },
      );
      place(left, depth + 1, leftSums, smallerSide === 0 ? cells.smaller : cells.larger);
      place(left + 1, depth + 1, rightSums, smallerSide === 0 ? cells.larger : cells.smaller);
    }

    nodes.end[0] = count;
    const cells = takeCells();
    sumHistogram(layout, pairs, order, 0, count, cells);
    place(0, 0, rootSums(pairs, order, count), cells);
    for (let leaves = 1; leaves < mostLeaves && open.length > 0; leaves++) {
      splitLeaf(open.splice(nextLeaf(open, limits.bestFirst), 1)[0]!, leaves + 1 === mostLeaves);
    }
    for (const leaf of open) spare.push(leaf.cells);
    return trim(nodes);
  }
  return { grow };
}

function rootSums(pairs: Float64Array, order: Uint32Array, count: number): NodeSums {
  let gradient = 0;
  let curvature = 0;
  for (let index = 0; index < count; index++) {
    const row = order[index]!;
    gradient += pairs[2 * row]!;
    curvature += pairs[2 * row + 1]!;
  }
  return { gradient, curvature, lower: -Infinity, upper: Infinity };
}

/** Place in `open` of the leaf to split next: the largest gain, or the oldest; the first of equals. */
function nextLeaf(open: readonly OpenLeaf[], bestFirst: boolean): number {
  let next = 0;
  for (let index = 1; bestFirst && index < open.length; index++) {
    if (open[index]!.split.gain > open[next]!.split.gain) next = index;
  }
  return next;
}

/** A cut after the last bin has no threshold of its own: every value lies below it. */
export function thresholdOf(binned: BinnedColumns, split: { readonly feature: number; readonly lastLeft: number }) {
  return binned.cuts[split.feature]![split.lastLeft] ?? Infinity;
}

/** Orders rows left before right, each side in its old order; returns where the right ones begin. */
export function partition(
  binned: BinnedColumns,
  split: { readonly feature: number; readonly lastLeft: number; readonly missingLeft: boolean },
  order: Uint32Array,
  begin: number,
  end: number,
  scratch: Uint32Array,
): number {
  const codes = binned.codes[split.feature]!;
  const lastLeft = split.lastLeft;
  const missingOnLeft = split.missingLeft ? binned.cuts[split.feature]!.length + 1 : -1;
  let left = begin;
  let right = 0;
  for (let index = begin; index < end; index++) {
    const row = order[index]!;
    const code = codes[row]!;
    const goesLeft = +(code <= lastLeft) | +(code === missingOnLeft);
    order[left] = row;
    scratch[right] = row;
    left += goesLeft;
    right += 1 - goesLeft;
  }
  order.set(scratch.subarray(0, right), left);
  return left;
}

function addChildren(nodes: Nodes, leaf: OpenLeaf, middle: number, threshold: number): number {
  const { node, split } = leaf;
  const left = nodes.used;
  nodes.used += 2;
  nodes.feature[node] = split.feature;
  nodes.threshold[node] = threshold;
  nodes.missingLeft[node] = split.missingLeft ? 1 : 0;
  nodes.left[node] = left;
  nodes.value[node] = 0;
  nodes.gain[node] = split.gain;
  nodes.lastLeft[node] = split.lastLeft;
  nodes.begin[left] = nodes.begin[node]!;
  nodes.end[left] = middle;
  nodes.begin[left + 1] = middle;
  nodes.end[left + 1] = nodes.end[node]!;
  return left;
}

/** Sums of both children; a constrained split bounds all values below it by the middle of its two. */
function childSums(leaf: OpenLeaf, rules: SplitRules): [NodeSums, NodeSums] {
  const { sums, split } = leaf;
  const { lower, upper } = sums;
  const left = { gradient: split.leftGradient, curvature: split.leftCurvature, lower, upper };
  const right = {
    gradient: sums.gradient - split.leftGradient,
    curvature: sums.curvature - split.leftCurvature,
    lower,
    upper,
  };
  const direction = rules.monotone?.[split.feature] ?? 0;
  if (direction === 0) return [left, right];
  const middle = (nodeValue(left, rules.l2) + nodeValue(right, rules.l2)) / 2;
  return direction > 0
    ? [
        { ...left, upper: middle },
        { ...right, lower: middle },
      ]
    : [
        { ...left, lower: middle },
        { ...right, upper: middle },
      ];
}

function trim(nodes: Nodes): GrownTree {
  const { used } = nodes;
  return {
    tree: {
      feature: nodes.feature.slice(0, used),
      threshold: nodes.threshold.slice(0, used),
      missingLeft: nodes.missingLeft.slice(0, used),
      left: nodes.left.slice(0, used),
      value: nodes.value.slice(0, used),
      cover: nodes.cover.slice(0, used),
      gain: nodes.gain.slice(0, used),
    },
    begin: nodes.begin.slice(0, used),
    end: nodes.end.slice(0, used),
    lastLeft: nodes.lastLeft.slice(0, used),
  };
}
