/** Exact Shapley values of symmetric trees: they depend on the leaf alone, so each leaf's are tabled beforehand. */
import { coverShare, type Explainer } from './explanation.ts';
import { gaussLegendre } from './quadrature.ts';
import { type SymmetricLeaves } from './symmetric-leaves.ts';
import { type SymmetricTree, type TreeEnsemble } from './tree.ts';

/** An explainer of an ensemble's symmetric trees, holding its own scratch memory: one call at a time. */
export function createSymmetricExplainer(ensemble: TreeEnsemble, leaves: SymmetricLeaves): Explainer {
  const tables = ensemble.symmetric.map(tableOf);
  const layout = layOut(tables, ensemble.featureCount);
  /** Where each tree's row of contributions begins. */
  const rows = new Int32Array(tables.length);
  return {
    expectedMargin: tables.reduce((sum, { expected }) => sum + expected, ensemble.baseMargin),
    add(row, offset, out, weight) {
      findRows(layout, leaves.of(row, offset), rows);
      addByFeature(layout, rows, out, weight);
    },
  };
}

/** The contributions of all trees, and where those of each feature stand: it is summed in the order of the trees. */
interface Layout {
  /** The tables of all trees end to end, each [leaves × its features]. */
  readonly contributions: Float64Array;
  /** By tree: where its table begins, and the length of its rows. */
  readonly first: Int32Array;
  readonly width: Int32Array;
  /** The features that any tree tests, those of most trees first: loops of like length follow each other. */
  readonly features: Int32Array;
  /** Entries of the i-th of them are `firstEntry[i]..firstEntry[i + 1])`. */
  readonly firstEntry: Int32Array;
  /** By entry: a tree that tests the feature, and the feature's place in the tree's rows. */
  readonly tree: Int32Array;
  readonly place: Int32Array;
}

function layOut(tables: readonly LeafTable[], featureCount: number): Layout {
  const entries = Array.from({ length: featureCount }, (_, feature) => ({
    feature,
    trees: [...tables.keys()].filter((tree) => tables[tree]!.features.includes(feature)),
  }));
  const used = entries.filter(({ trees }) => trees.length > 0).sort((a, b) => b.trees.length - a.trees.length);
  return {
    contributions: concatenate(tables.map(({ values }) => values)),
    first: starts(tables.map(({ values }) => values.length)),
    width: Int32Array.from(tables, ({ features }) => features.length),
    features: Int32Array.from(used, ({ feature }) => feature),
    firstEntry: starts(used.map(({ trees }) => trees.length)),
    tree: Int32Array.from(used.flatMap(({ trees }) => trees)),
    place: Int32Array.from(
      used.flatMap(({ feature, trees }) => trees.map((t) => tables[t]!.features.indexOf(feature))),
    ),
  };
}

/*
 * Plain functions of a layout, not closures, and summing feature by feature instead of tree by tree, so that sums stay in
 * registers (measured: 5 µs became 2.5 for 300 trees of 6 levels).
 */

function findRows({ first, width }: Layout, leaves: Int32Array, rows: Int32Array): void {
  for (let tree = 0; tree < rows.length; tree++) rows[tree] = first[tree]! + leaves[tree]! * width[tree]!;
}

function addByFeature(layout: Layout, rows: Int32Array, out: Float64Array, weight: number): void {
  const { contributions, features, firstEntry, tree, place } = layout;
  for (let index = 0, entry = 0; index < features.length; index++) {
    const feature = features[index]!;
    let sum = out[feature]!;
    for (const end = firstEntry[index + 1]!; entry < end; entry++) {
      sum += weight * contributions[rows[tree[entry]!]! + place[entry]!]!;
    }
    out[feature] = sum;
  }
}

function starts(lengths: readonly number[]): Int32Array {
  const start = new Int32Array(lengths.length + 1);
  lengths.forEach((length, place) => {
    start[place + 1] = start[place]! + length;
  });
  return start;
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const start = starts(parts.map(({ length }) => length));
  const whole = new Float64Array(start[parts.length]!);
  parts.forEach((part, place) => whole.set(part, start[place]!));
  return whole;
}

interface LeafTable {
  /** Distinct features of the tree. */
  readonly features: readonly number[];
  /** [leaves × features] */
  readonly values: Float64Array;
  readonly expected: number;
}

function tableOf(tree: SymmetricTree): LeafTable {
  const features = [...new Set(tree.feature)];
  const leaves = tree.value.length;
  const values = new Float64Array(leaves * features.length);
  const levelsOf = features.map((feature) =>
    [...tree.feature].reduce((mask, tested, level) => (tested === feature ? mask | (1 << level) : mask), 0),
  );
  const covers = prefixCovers(tree);
  let expected = 0;
  for (let leaf = 0; leaf < leaves; leaf++) {
    if (tree.value[leaf] === 0) continue;
    const shares = levelsOf.map((levels) => shareOf(covers, leaf, levels));
    expected += tree.value[leaf]! * shares.reduce((product, share) => product * share, 1);
    addLeaf(values, leaf, leaves, tree.value[leaf]!, shares, levelsOf);
  }
  return { features, values, expected };
}

/** Cover of every inner node and leaf: `[level][the low `level` bits of the leaf]`. */
function prefixCovers(tree: SymmetricTree): Float64Array[] {
  const covers = [tree.cover];
  for (let level = tree.feature.length - 1; level >= 0; level--) {
    const below = covers[0]!;
    const half = 1 << level;
    covers.unshift(Float64Array.from({ length: half }, (_, path) => below[path]! + below[path + half]!));
  }
  return covers;
}

/** Share of training weight that passes the tests of `levels` on the way to `leaf`. */
function shareOf(covers: readonly Float64Array[], leaf: number, levels: number): number {
  let share = 1;
  for (let level = 0; level < covers.length - 1; level++) {
    if ((levels & (1 << level)) === 0) continue;
    const above = covers[level]![leaf & ((1 << level) - 1)]!;
    share *= coverShare(covers[level + 1]![leaf & ((2 << level) - 1)]!, above);
  }
  return share;
}

/** Adds what one leaf's value gives each feature in rows that fall in each of the leaves. */
function addLeaf(
  values: Float64Array,
  leaf: number,
  leaves: number,
  value: number,
  shares: readonly number[],
  levelsOf: readonly number[],
): void {
  const features = shares.length;
  const { points, weights } = gaussLegendre(Math.max(1, Math.ceil(features / 2)));
  const factors = new Float64Array(features);
  for (let reached = 0; reached < leaves; reached++) {
    const differing = reached ^ leaf;
    for (let point = 0; point < points.length; point++) {
      const t = points[point]!;
      let product = value * weights[point]!;
      for (let place = 0; place < features; place++) {
        const passes = (differing & levelsOf[place]!) === 0;
        factors[place] = (passes ? t : 0) + (1 - t) * shares[place]!;
        product *= factors[place]!;
      }
      // A share of 0 that the row does not pass either: the leaf is out of reach whatever is left out.
      if (product === 0) continue;
      for (let place = 0; place < features; place++) {
        const passes = (differing & levelsOf[place]!) === 0 ? 1 : 0;
        const at = reached * features + place;
        values[at] = values[at]! + ((passes - shares[place]!) * product) / factors[place]!;
      }
    }
  }
}
