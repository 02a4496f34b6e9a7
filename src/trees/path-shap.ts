/** Exact path-dependent Shapley values of binary trees, by quadrature. */
import { coverShare, type Explainer } from './explanation.ts';
import { fillSlots, slotOf } from './slots.ts';
import { gaussLegendre } from './quadrature.ts';
import { type Tree, type TreeEnsemble } from './tree.ts';

/*
 * A leaf is worth v·∏ o_i to a row, o_i being 1 when the row passes all tests of feature i on the way; a feature left
 * out passes with the share z_i of training weight that does. Its Shapley value for feature i is
 *   v (o_i − z_i) ∫₀¹ ∏_{j≠i} (t·o_j + (1−t)·z_j) dt,
 * a polynomial of degree below the number of features on the path, so Gauss–Legendre with half as many points is
 * exact. Going down each edge multiplies the running product by its factor f = t·o + (1−t)·z (divided by the factor of
 * the edge above that tested the same feature); coming up the leaves' products are summed, and each edge takes
 * (o − z)·Σ/f for its feature, less what the same-feature edge above would take for these leaves.
 */

/** Points a pass works on side by side. */
const POINTS = 4;

/**
 * An explainer of an ensemble's binary trees, holding its own scratch memory: one call at a time. `owners` [featureCount]
 * names the feature each tested column was made from, when several are made from one: values are then owners' values.
 */
export function createPathExplainer(
  ensemble: TreeEnsemble,
  owners = Int32Array.from({ length: ensemble.featureCount }, (_, column) => column),
): Explainer {
  const slots = new Float64Array(2 * ensemble.featureCount);
  const groups = new Map<number, Tree[]>();
  for (const tree of ensemble.trees) {
    const passes = Math.ceil(longestPath(tree, owners) / (2 * POINTS));
    if (passes > 0) groups.set(passes, [...(groups.get(passes) ?? []), tree]);
  }
  const passes = [...groups].flatMap(([count, trees]) => {
    const layout = layOutTrees(trees, owners);
    const { points, weights } = gaussLegendre(count * POINTS);
    return Array.from({ length: count }, (_, pass) => {
      const range = [pass * POINTS, (pass + 1) * POINTS] as const;
      return createPass(layout, passTables(layout.share, points.slice(...range), weights.slice(...range)));
    });
  });
  return {
    expectedMargin: ensemble.trees.reduce((sum, tree) => sum + expectedValue(tree), ensemble.baseMargin),
    add(row, offset, out, weight) {
      fillSlots(row, offset, slots);
      for (const pass of passes) runPass(pass, slots, out, weight);
    },
  };
}

function expectedValue(tree: Tree): number {
  const reach = new Float64Array(tree.feature.length);
  reach[0] = 1;
  let expected = 0;
  for (let node = 0; node < reach.length; node++) {
    const left = tree.left[node]!;
    if (left === 0) {
      expected += reach[node]! * tree.value[node]!;
      continue;
    }
    for (const child of [left, left + 1]) {
      reach[child] = reach[node]! * coverShare(tree.cover[child]!, tree.cover[node]!);
    }
  }
  return expected;
}

/** Most distinct features on a path from the root. */
function longestPath(tree: Tree, owners: Int32Array): number {
  let longest = 0;
  const visit = (node: number, seen: ReadonlySet<number>): void => {
    longest = Math.max(longest, seen.size);
    if (tree.feature[node]! < 0) return;
    const below = new Set(seen).add(owners[tree.feature[node]!]!);
    visit(tree.left[node]!, below);
    visit(tree.left[node]! + 1, below);
  };
  visit(0, new Set());
  return longest;
}

/**
 * All trees side by side. Edge e of a tree leads to its node e; edge 0 stands above the root, passed by all, factor 1.
 * A split is the pair of edges below one node, in an order in which parents come before children.
 */
interface Layout {
  /** Edges of tree t are `firstEdge[t]..firstEdge[t + 1])`; edge numbers count from there. */
  readonly firstEdge: Int32Array;
  /** Splits of tree t are `firstSplit[t]..firstSplit[t + 1])`. */
  readonly firstSplit: Int32Array;
  readonly parent: Int32Array;
  readonly left: Int32Array;
  /** The nearest edge above that tests the same feature, or 0. */
  readonly previous: Int32Array;
  readonly feature: Int32Array;
  readonly slot: Int32Array;
  readonly threshold: Float64Array;
  /** By edge: share of training weight that passes all tests of the feature down to here. */
  readonly share: Float64Array;
  /** By edge: value of the leaf it leads to; 0 when it leads to a split. */
  readonly value: Float64Array;
}

function layOutTrees(trees: readonly Tree[], owners: Int32Array): Layout {
  const edges = trees.reduce((sum, tree) => sum + tree.feature.length, 0);
  const splits = (edges - trees.length) / 2;
  const layout = {
    firstEdge: new Int32Array(trees.length + 1),
    firstSplit: new Int32Array(trees.length + 1),
    parent: new Int32Array(splits),
    left: new Int32Array(splits),
    previous: new Int32Array(splits),
    feature: new Int32Array(splits),
    slot: new Int32Array(splits),
    threshold: new Float64Array(splits),
    share: new Float64Array(edges).fill(1),
    value: new Float64Array(edges),
  };
  trees.forEach((tree, place) => {
    const nodes = tree.feature.length;
    layout.firstEdge[place + 1] = layout.firstEdge[place]! + nodes;
    layout.firstSplit[place + 1] = layout.firstSplit[place]! + (nodes - 1) / 2;
    layOutTree(tree, owners, layout, layout.firstEdge[place]!, layout.firstSplit[place]!);
  });
  return layout;
}

function layOutTree(tree: Tree, owners: Int32Array, layout: Layout, firstEdge: number, firstSplit: number): void {
  const parents = parentsOf(tree);
  let split = firstSplit;
  for (let node = 0; node < tree.feature.length; node++) {
    const feature = tree.feature[node]!;
    if (feature < 0) {
      layout.value[firstEdge + node] = tree.value[node]!;
      continue;
    }
    const owner = owners[feature]!;
    let previous = node;
    while (previous > 0 && owners[tree.feature[parents[previous]!]!] !== owner) previous = parents[previous]!;
    const left = tree.left[node]!;
    layout.parent[split] = node;
    layout.left[split] = left;
    layout.previous[split] = previous;
    layout.feature[split] = owner;
    layout.slot[split] = slotOf(feature, tree.missingLeft[node]!);
    layout.threshold[split] = tree.threshold[node]!;
    for (const child of [left, left + 1]) {
      const kept = coverShare(tree.cover[child]!, tree.cover[node]!);
      layout.share[firstEdge + child] = layout.share[firstEdge + previous]! * kept;
    }
    split++;
  }
}

function parentsOf(tree: Tree): Int32Array {
  const parents = new Int32Array(tree.feature.length);
  for (let node = 0; node < parents.length; node++) {
    if (tree.feature[node]! < 0) continue;
    parents[tree.left[node]!] = node;
    parents[tree.left[node]! + 1] = node;
  }
  return parents;
}

/** Constants of one pass: what each edge multiplies and takes at the pass's four points t. */
interface PassTables {
  readonly t: Float64Array;
  readonly weights: Float64Array;
  /** (1 − z) / (t + (1 − t)·z) of each edge [edges × points]: what it takes of a unit below it when passed. */
  readonly taken: Float64Array;
  /** 1 / (1 − t): what an edge not passed gives up of a unit below it. */
  readonly missed: Float64Array;
  /** 1 / f of each edge, not passed and passed [edges × 2 × points]. */
  readonly inverse: Float64Array;
}

function passTables(share: Float64Array, t: Float64Array, weights: Float64Array): PassTables {
  const taken = new Float64Array(POINTS * share.length);
  const inverse = new Float64Array(2 * POINTS * share.length);
  share.forEach((z, edge) => {
    for (let point = 0; point < POINTS; point++) {
      const u = 1 - t[point]!;
      taken[POINTS * edge + point] = (1 - z) / (t[point]! + u * z);
      // A share of 0 not passed makes all products below 0, whatever they are multiplied by.
      inverse[2 * POINTS * edge + point] = z > 0 ? 1 / (u * z) : 0;
      inverse[2 * POINTS * edge + POINTS + point] = 1 / (t[point]! + u * z);
    }
  });
  return { t, weights, taken, missed: t.map((point) => 1 / (1 - point)), inverse };
}

/** One pass: four quadrature points over all trees of a layout, and the memory it works in. */
interface Pass {
  readonly layout: Layout;
  readonly tables: PassTables;
  /** By edge of the tree at hand: 1 when the row passes all tests of the edge's feature down to it. */
  readonly passed: Int32Array;
  /** By edge of the tree at hand [edges × points]. */
  readonly product: Float64Array;
  readonly sum: Float64Array;
}

function createPass(layout: Layout, tables: PassTables): Pass {
  const { firstEdge } = layout;
  const most = firstEdge.reduce((size, start, tree) => Math.max(size, start - (firstEdge[tree - 1] ?? 0)), 0);
  const product = new Float64Array(POINTS * most);
  product.set(tables.weights);
  return { layout, tables, passed: new Int32Array(most).fill(1), product, sum: new Float64Array(POINTS * most) };
}

/*
 * The kernels below are plain functions of a pass, not closures: all passes then run one compiled code with everything
 * inlined (measured: five times faster). For the same reason they destructure nothing within loops.
 */

function runPass(pass: Pass, slots: Float64Array, out: Float64Array, weight: number): void {
  const trees = pass.layout.firstEdge.length - 1;
  for (let tree = 0; tree < trees; tree++) {
    goDown(pass, tree, slots);
    comeUp(pass, tree, out, weight);
  }
}

/** Products of all edges of a tree, and the sums of its leaves. */
function goDown(pass: Pass, tree: number, slots: Float64Array): void {
  const { passed, product, sum, tables, layout } = pass;
  const { left, parent, previous, share, slot, threshold, value } = layout;
  const { inverse, t } = tables;
  const base = layout.firstEdge[tree]!;
  const last = layout.firstSplit[tree + 1]!;
  for (let split = layout.firstSplit[tree]!; split < last; split++) {
    const above = previous[split]!;
    const node = left[split]!;
    const onAbove = passed[above]!;
    const onRight = +(slots[slot[split]!]! >= threshold[split]!) & onAbove;
    passed[node] = onAbove - onRight;
    passed[node + 1] = onRight;
    const p = POINTS * parent[split]!;
    let p0 = product[p]!;
    let p1 = product[p + 1]!;
    let p2 = product[p + 2]!;
    let p3 = product[p + 3]!;
    if (above !== 0) {
      const i = POINTS * (2 * (base + above) + onAbove);
      p0 *= inverse[i]!;
      p1 *= inverse[i + 1]!;
      p2 *= inverse[i + 2]!;
      p3 *= inverse[i + 3]!;
    }
    const to = POINTS * node;
    const edge = base + node;
    multiply(product, sum, to, share[edge]!, onAbove - onRight, value[edge]!, t, p0, p1, p2, p3);
    multiply(product, sum, to + POINTS, share[edge + 1]!, onRight, value[edge + 1]!, t, p0, p1, p2, p3);
  }
}

/** An edge's products from its parent's, and what its leaf adds to the sums; the factor f is z + t·(o − z). */
function multiply(
  product: Float64Array,
  sum: Float64Array,
  to: number,
  share: number,
  passed: number,
  value: number,
  t: Float64Array,
  p0: number,
  p1: number,
  p2: number,
  p3: number,
): void {
  const gap = passed - share;
  const f0 = p0 * (share + t[0]! * gap);
  const f1 = p1 * (share + t[1]! * gap);
  const f2 = p2 * (share + t[2]! * gap);
  const f3 = p3 * (share + t[3]! * gap);
  product[to] = f0;
  product[to + 1] = f1;
  product[to + 2] = f2;
  product[to + 3] = f3;
  sum[to] = value * f0;
  sum[to + 1] = value * f1;
  sum[to + 2] = value * f2;
  sum[to + 3] = value * f3;
}

/** Sums of all edges of a tree from its leaves up, and what each split's pair of edges takes for its feature. */
function comeUp(pass: Pass, tree: number, out: Float64Array, weight: number): void {
  const { passed, sum, tables, layout } = pass;
  const { feature, left, parent, previous } = layout;
  const { taken, missed } = tables;
  const base = layout.firstEdge[tree]!;
  const last = layout.firstSplit[tree]!;
  for (let split = layout.firstSplit[tree + 1]! - 1; split >= last; split--) {
    const node = left[split]!;
    const above = previous[split]!;
    const side = passed[node + 1]!;
    const on = POINTS * (node + side);
    const off = POINTS * (node + 1 - side);
    const on0 = sum[on]!;
    const on1 = sum[on + 1]!;
    const on2 = sum[on + 2]!;
    const on3 = sum[on + 3]!;
    const off0 = sum[off]!;
    const off1 = sum[off + 1]!;
    const off2 = sum[off + 2]!;
    const off3 = sum[off + 3]!;
    const p = POINTS * parent[split]!;
    sum[p] = sum[p]! + on0 + off0;
    sum[p + 1] = sum[p + 1]! + on1 + off1;
    sum[p + 2] = sum[p + 2]! + on2 + off2;
    sum[p + 3] = sum[p + 3]! + on3 + off3;
    // Below a failed test of the same feature both sides fail too, and take what the edge above has taken already.
    if (passed[above] === 0) continue;
    const i = POINTS * base + on;
    let worth = on0 * taken[i]! + on1 * taken[i + 1]! + on2 * taken[i + 2]! + on3 * taken[i + 3]!;
    worth -= off0 * missed[0]! + off1 * missed[1]! + off2 * missed[2]! + off3 * missed[3]!;
    if (above !== 0) {
      const j = POINTS * (base + above);
      worth -= (on0 + off0) * taken[j]! + (on1 + off1) * taken[j + 1]!;
      worth -= (on2 + off2) * taken[j + 2]! + (on3 + off3) * taken[j + 3]!;
    }
    const place = feature[split]!;
    out[place] = out[place]! + weight * worth;
  }
}
