/** Exact path-dependent Shapley values of binary trees, by quadrature. */
import { coverShare, type Explainer } from './explanation.ts';
import { fillSlots, slotOf } from './predict.ts';
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

/** An explainer of an ensemble's binary trees, holding its own scratch memory: one call at a time. */
export function createPathExplainer(ensemble: TreeEnsemble): Explainer {
  const slots = new Float64Array(2 * ensemble.featureCount);
  const groups = new Map<number, Tree[]>();
  for (const tree of ensemble.trees) {
    const passes = Math.ceil(longestPath(tree) / (2 * POINTS));
    if (passes > 0) groups.set(passes, [...(groups.get(passes) ?? []), tree]);
  }
  const passes = [...groups].flatMap(([count, trees]) => {
    const edges = layOutEdges(trees);
    const { points, weights } = gaussLegendre(count * POINTS);
    return Array.from({ length: count }, (_, pass) => {
      const range = [pass * POINTS, (pass + 1) * POINTS] as const;
      return createPass(edges, points.slice(...range), weights.slice(...range));
    });
  });
  return {
    expectedMargin: ensemble.trees.reduce((sum, tree) => sum + expectedValue(tree), ensemble.baseMargin),
    add(row, offset, out, weight) {
      fillSlots(row, offset, slots);
      for (const pass of passes) pass(slots, out, weight);
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
function longestPath(tree: Tree): number {
  let longest = 0;
  const visit = (node: number, seen: ReadonlySet<number>): void => {
    longest = Math.max(longest, seen.size);
    if (tree.feature[node]! < 0) return;
    const below = new Set(seen).add(tree.feature[node]!);
    visit(tree.left[node]!, below);
    visit(tree.left[node]! + 1, below);
  };
  visit(0, new Set());
  return longest;
}

/** Edges of all trees in preorder; edge 0 stands above every root: passed by all, factor 1. */
interface Edges {
  readonly count: number;
  readonly parent: Int32Array;
  /** The nearest edge above that tests the same feature, or 0. */
  readonly previous: Int32Array;
  readonly feature: Int32Array;
  readonly slot: Int32Array;
  readonly threshold: Float64Array;
  readonly isRight: Uint8Array;
  /** Share of training weight that passes all tests of the feature down to here. */
  readonly share: Float64Array;
  /** Value of the leaf it leads to; 0 when it leads to an inner node. */
  readonly value: Float64Array;
}

function layOutEdges(trees: readonly Tree[]): Edges {
  const count = trees.reduce((sum, tree) => sum + tree.feature.length - 1, 1);
  const edges = {
    count,
    parent: new Int32Array(count),
    previous: new Int32Array(count),
    feature: new Int32Array(count),
    slot: new Int32Array(count),
    threshold: new Float64Array(count),
    isRight: new Uint8Array(count),
    share: new Float64Array(count).fill(1),
    value: new Float64Array(count),
  };
  let next = 1;
  const visit = (tree: Tree, node: number, above: number, last: ReadonlyMap<number, number>): void => {
    const feature = tree.feature[node]!;
    if (feature < 0) {
      edges.value[above] = tree.value[node]!;
      return;
    }
    const previous = last.get(feature) ?? 0;
    for (const side of [0, 1]) {
      const child = tree.left[node]! + side;
      const edge = next++;
      edges.parent[edge] = above;
      edges.previous[edge] = previous;
      edges.feature[edge] = feature;
      edges.slot[edge] = slotOf(feature, tree.missingLeft[node]!);
      edges.threshold[edge] = tree.threshold[node]!;
      edges.isRight[edge] = side;
      edges.share[edge] = edges.share[previous]! * coverShare(tree.cover[child]!, tree.cover[node]!);
      visit(tree, child, edge, new Map(last).set(feature, edge));
    }
  };
  for (const tree of trees) visit(tree, 0, 0, new Map());
  return edges;
}

/** One pass over all edges with four quadrature points t. */
function createPass(edges: Edges, points: Float64Array, weights: Float64Array) {
  const { count, parent, previous, feature, slot, threshold, isRight, share, value } = edges;
  const [t0, t1, t2, t3] = [points[0]!, points[1]!, points[2]!, points[3]!];
  const [u0, u1, u2, u3] = [1 - t0, 1 - t1, 1 - t2, 1 - t3];
  const [v0, v1, v2, v3] = [1 / u0, 1 / u1, 1 / u2, 1 / u3];
  const passed = new Uint8Array(count);
  /** (1 − z) / (t + (1 − t)·z) of each edge and point: what a passed edge takes per unit below it. */
  const taken = new Float64Array(POINTS * count);
  for (let edge = 0; edge < count; edge++) {
    points.forEach((t, point) => {
      taken[POINTS * edge + point] = (1 - share[edge]!) / (t + (1 - t) * share[edge]!);
    });
  }
  const product = new Float64Array(POINTS * count);
  const sum = new Float64Array(POINTS * count);
  product.set(weights);
  passed[0] = 1;

  function goDown(slots: Float64Array): void {
    for (let edge = 1; edge < count; edge++) {
      const above = previous[edge]!;
      const side = slots[slot[edge]!]! >= threshold[edge]! ? 1 : 0;
      const on = side === isRight[edge] ? passed[above]! : 0;
      const z = share[edge]!;
      const from = POINTS * parent[edge]!;
      const to = POINTS * edge;
      let [f0, f1, f2, f3] = [u0 * z, u1 * z, u2 * z, u3 * z];
      if (on === 1) {
        f0 += t0;
        f1 += t1;
        f2 += t2;
        f3 += t3;
      }
      if (above !== 0) {
        const zAbove = share[above]!;
        const onAbove = passed[above]!;
        f0 /= onAbove * t0 + u0 * zAbove;
        f1 /= onAbove * t1 + u1 * zAbove;
        f2 /= onAbove * t2 + u2 * zAbove;
        f3 /= onAbove * t3 + u3 * zAbove;
      }
      passed[edge] = on;
      product[to] = product[from]! * f0;
      product[to + 1] = product[from + 1]! * f1;
      product[to + 2] = product[from + 2]! * f2;
      product[to + 3] = product[from + 3]! * f3;
      const v = value[edge]!;
      sum[to] = v * product[to]!;
      sum[to + 1] = v * product[to + 1]!;
      sum[to + 2] = v * product[to + 2]!;
      sum[to + 3] = v * product[to + 3]!;
    }
  }

  /** What the leaves below, summed in s0..s3, give to the feature of `edge`. */
  function take(edge: number, s0: number, s1: number, s2: number, s3: number): number {
    if (passed[edge] === 0) return -(s0 * v0 + s1 * v1 + s2 * v2 + s3 * v3);
    const at = POINTS * edge;
    return s0 * taken[at]! + s1 * taken[at + 1]! + s2 * taken[at + 2]! + s3 * taken[at + 3]!;
  }

  function comeUp(out: Float64Array, weight: number): void {
    for (let edge = count - 1; edge > 0; edge--) {
      const from = POINTS * edge;
      const to = POINTS * parent[edge]!;
      const s0 = sum[from]!;
      const s1 = sum[from + 1]!;
      const s2 = sum[from + 2]!;
      const s3 = sum[from + 3]!;
      sum[to] = sum[to]! + s0;
      sum[to + 1] = sum[to + 1]! + s1;
      sum[to + 2] = sum[to + 2]! + s2;
      sum[to + 3] = sum[to + 3]! + s3;
      const above = previous[edge]!;
      let worth = take(edge, s0, s1, s2, s3);
      if (above !== 0) worth -= take(above, s0, s1, s2, s3);
      out[feature[edge]!] = out[feature[edge]!]! + weight * worth;
    }
  }

  return (slots: Float64Array, out: Float64Array, weight: number): void => {
    goDown(slots);
    comeUp(out, weight);
  };
}
