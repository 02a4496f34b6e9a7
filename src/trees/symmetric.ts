/** Grows one symmetric tree: every level applies the same test to all its nodes. */
import { type BinnedColumns } from './bins.ts';
import { partition, thresholdOf } from './grow.ts';
import { divideHistogram, type HistogramLayout, sumHistogram } from './histogram.ts';
import { maySplit, type SplitRules } from './split.ts';
import { type SymmetricTree } from './tree.ts';

export interface GrownSymmetricTree {
  readonly tree: SymmetricTree;
  /** Rows `order[begin[leaf]..end[leaf])` reached the leaf. */
  readonly begin: Uint32Array;
  readonly end: Uint32Array;
}

export interface SymmetricGrower {
  /** As `Grower.grow`. */
  grow(
    pairs: Float64Array,
    order: Uint32Array,
    count: number,
    features: Int32Array,
    learningRate: number,
  ): GrownSymmetricTree;
}

interface LevelNode {
  /** Index among the nodes of its level: bit l is set when level l sent it right. */
  readonly path: number;
  readonly begin: number;
  readonly end: number;
  readonly gradient: number;
  readonly curvature: number;
  /** Absent when the node weighs too little for any further test to part it. */
  readonly cells: Float64Array | undefined;
}

interface LevelSplit {
  readonly feature: number;
  readonly lastLeft: number;
  readonly missingLeft: boolean;
  readonly gain: number;
}

/** Grows trees on one set of binned rows; scratch memory is kept between trees. */
export function createSymmetricGrower(
  binned: BinnedColumns,
  layout: HistogramLayout,
  rules: SplitRules,
  maximumDepth: number,
): SymmetricGrower {
  const cellCount = layout.start[layout.start.length - 1]!;
  const spare: Float64Array[] = [];
  const scratch = new Uint32Array(binned.rows);
  const missingRight = new Float64Array(cellCount);
  const missingLeft = new Float64Array(cellCount);
  const takeCells = (): Float64Array => spare.pop() ?? new Float64Array(2 * cellCount);
  const giveBack = (cells: Float64Array | undefined): void => {
    if (cells !== undefined) spare.push(cells);
  };

  /** Children of one node under the level's split; empty children are left out. */
  function divide(
    node: LevelNode,
    split: LevelSplit,
    level: number,
    pairs: Float64Array,
    order: Uint32Array,
    last: boolean,
  ): LevelNode[] {
    const middle = partition(binned, split, order, node.begin, node.end, scratch);
    const leftIsSmaller = middle - node.begin <= node.end - middle;
    const left =
      node.cells === undefined ? sumsOf(pairs, order, node.begin, middle) : leftSums(layout, node.cells, split);
    const right = { gradient: node.gradient - left.gradient, curvature: node.curvature - left.curvature };
    const children = [
      { ...left, path: node.path, begin: node.begin, end: middle },
      { ...right, path: node.path | (1 << level), begin: middle, end: node.end },
    ];
    const [small, large] = leftIsSmaller ? children : children.toReversed();
    const isOpen = (child: typeof small): boolean =>
      !last && child!.end > child!.begin && maySplit(child!.curvature, rules);
    const needed = { smaller: isOpen(small), larger: isOpen(large) };
    const cells =
      node.cells === undefined
        ? undefined
        : divideHistogram(layout, pairs, order, small!, needed, node.cells, { take: takeCells, giveBack });
    return children
      .map((child) => ({ ...child, cells: child === small ? cells?.smaller : cells?.larger }))
      .filter((child) => child.end > child.begin);
  }

  function grow(
    pairs: Float64Array,
    order: Uint32Array,
    count: number,
    features: Int32Array,
    learningRate: number,
  ): GrownSymmetricTree {
    const cells = takeCells();
    sumHistogram(layout, pairs, order, 0, count, cells);
    let nodes: LevelNode[] = [{ path: 0, begin: 0, end: count, ...sumsOf(pairs, order, 0, count), cells }];
    const splits: LevelSplit[] = [];
    while (splits.length < maximumDepth) {
      const split = findLevelSplit(layout, nodes, features, rules, missingRight, missingLeft);
      if (split === undefined) break;
      const level = splits.push(split) - 1;
      const last = splits.length === maximumDepth;
      nodes = nodes.flatMap((node) => divide(node, split, level, pairs, order, last));
    }
    for (const node of nodes) giveBack(node.cells);
    return finishTree(binned, nodes, splits, rules.l2, learningRate);
  }
  return { grow };
}

function sumsOf(pairs: Float64Array, order: Uint32Array, begin: number, end: number) {
  let gradient = 0;
  let curvature = 0;
  for (let index = begin; index < end; index++) {
    const row = order[index]!;
    gradient += pairs[2 * row]!;
    curvature += pairs[2 * row + 1]!;
  }
  return { gradient, curvature };
}

/** Sums of the rows a split sends left, from the histogram: exact, so equal to those of the rows themselves. */
function leftSums(layout: HistogramLayout, cells: Float64Array, split: LevelSplit) {
  const first = layout.start[split.feature]!;
  const missing = layout.start[split.feature + 1]! - 1;
  let gradient = split.missingLeft ? cells[2 * missing]! : 0;
  let curvature = split.missingLeft ? cells[2 * missing + 1]! : 0;
  for (let cell = first; cell < missing && cell <= first + split.lastLeft; cell++) {
    gradient += cells[2 * cell]!;
    curvature += cells[2 * cell + 1]!;
  }
  return { gradient, curvature };
}

type OpenNode = LevelNode & { readonly cells: Float64Array };

/** The test that saves most summed over all nodes of the level; the first of equals. */
function findLevelSplit(
  layout: HistogramLayout,
  level: readonly LevelNode[],
  features: Int32Array,
  rules: SplitRules,
  missingRight: Float64Array,
  missingLeft: Float64Array,
): LevelSplit | undefined {
  const nodes = level.filter((node): node is OpenNode => node.cells !== undefined);
  const parent = nodes.reduce((sum, node) => sum + (node.gradient * node.gradient) / (node.curvature + rules.l2), 0);
  missingRight.fill(0);
  missingLeft.fill(0);
  let best: LevelSplit | undefined;
  let top = parent + 2 * rules.minimumGain;
  for (const feature of features) {
    const first = layout.start[feature]!;
    const bins = layout.start[feature + 1]! - first - 1;
    if (bins < 1) continue;
    const missingSeen = nodes.some((node) => node.cells[2 * (first + bins) + 1] !== 0);
    for (const node of nodes) {
      addScores(node, first, bins, false, rules, missingRight);
      if (missingSeen) addScores(node, first, bins, true, rules, missingLeft);
    }
    for (let bin = 0; bin < (missingSeen ? bins : bins - 1); bin++) {
      for (const scores of missingSeen ? [missingRight, missingLeft] : [missingRight]) {
        const score = scores[first + bin]!;
        if (!(score > top) || (scores === missingLeft && bin === bins - 1)) continue;
        top = score;
        best = { feature, lastLeft: bin, missingLeft: scores === missingLeft, gain: (score - parent) / 2 };
      }
    }
  }
  return best;
}

/** Adds to `scores` (by cell) what each cut of one feature scores in one node; a cut that starves a child scores as none. */
function addScores(
  node: OpenNode,
  first: number,
  bins: number,
  missingOnLeft: boolean,
  rules: SplitRules,
  scores: Float64Array,
): void {
  const { cells, gradient, curvature } = node;
  const { l2, minimumChildWeight } = rules;
  const missing = 2 * (first + bins);
  const whole = (gradient * gradient) / (curvature + l2);
  let leftGradient = missingOnLeft ? cells[missing]! : 0;
  let leftCurvature = missingOnLeft ? cells[missing + 1]! : 0;
  let score = whole;
  for (let bin = 0, cell = 2 * first; bin < bins; bin++, cell += 2) {
    const added = cells[cell + 1]!;
    if (added !== 0) {
      leftGradient += cells[cell]!;
      leftCurvature += added;
      const rightGradient = gradient - leftGradient;
      const rightCurvature = curvature - leftCurvature;
      const starved = leftCurvature < minimumChildWeight || rightCurvature < minimumChildWeight || rightCurvature === 0;
      score = starved
        ? whole
        : (leftGradient * leftGradient) / (leftCurvature + l2) +
          (rightGradient * rightGradient) / (rightCurvature + l2);
    }
    scores[first + bin] = scores[first + bin]! + score;
  }
}

function finishTree(
  binned: BinnedColumns,
  nodes: readonly LevelNode[],
  splits: readonly LevelSplit[],
  l2: number,
  learningRate: number,
): GrownSymmetricTree {
  const leaves = 1 << splits.length;
  const value = new Float64Array(leaves);
  const cover = new Float64Array(leaves);
  const begin = new Uint32Array(leaves);
  const end = new Uint32Array(leaves);
  for (const node of nodes) {
    value[node.path] = (learningRate * -node.gradient) / (node.curvature + l2);
    cover[node.path] = node.curvature;
    begin[node.path] = node.begin;
    end[node.path] = node.end;
  }
  const tree = {
    feature: Int32Array.from(splits, ({ feature }) => feature),
    threshold: Float64Array.from(splits, (split) => thresholdOf(binned, split)),
    missingLeft: Uint8Array.from(splits, (split) => (split.missingLeft ? 1 : 0)),
    gain: Float64Array.from(splits, ({ gain }) => gain),
    value,
    cover,
  };
  return { tree, begin, end };
}
