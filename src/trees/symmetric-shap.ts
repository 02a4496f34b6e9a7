/** Exact Shapley values of symmetric trees: they depend on the leaf alone, so each leaf's are tabled beforehand. */
import { coverShare, type Explainer } from './explanation.ts';
import { gaussLegendre } from './quadrature.ts';
import { type SymmetricLeaves } from './symmetric-leaves.ts';
import { type SymmetricTree, type TreeEnsemble } from './tree.ts';

/** Features a tree's rows are padded to, so that one unrolled loop without guesses serves all usual trees. */
const UNROLLED_FEATURES = 6;

/** An explainer of an ensemble's symmetric trees, holding its own scratch memory: one call at a time. */
export function createSymmetricExplainer(ensemble: TreeEnsemble, leaves: SymmetricLeaves): Explainer {
  const { featureCount } = ensemble;
  const tables = ensemble.symmetric.map(tableOf);
  const width = tables.reduce((most, table) => Math.max(most, table.features.length), UNROLLED_FEATURES);
  // Rows of all tables end to end, each of `width` values; `first[t]` says where tree t begins.
  const wide = tables.map((table) => padded(table, width));
  const contributions = concatenate(wide);
  const first = starts(wide.map(({ length }) => length));
  /** [trees × width]; what pads a row goes to the place behind the last feature. */
  const features = new Int32Array(tables.length * width).fill(featureCount);
  tables.forEach((table, tree) => features.set(table.features, tree * width));
  const sums = new Float64Array(featureCount + 1);

  const addRow = (place: number, at: number, weight: number): void => {
    const feature = features[place]!;
    sums[feature] = sums[feature]! + weight * contributions[at]!;
  };
  return {
    expectedMargin: tables.reduce((sum, { expected }) => sum + expected, ensemble.baseMargin),
    add(row, offset, out, weight) {
      const reached = leaves.of(row, offset);
      for (let feature = 0; feature < featureCount; feature++) sums[feature] = out[feature]!;
      for (let tree = 0, place = 0; tree < reached.length; tree++, place += width) {
        const at = first[tree]! + reached[tree]! * width;
        addRow(place, at, weight);
        addRow(place + 1, at + 1, weight);
        addRow(place + 2, at + 2, weight);
        addRow(place + 3, at + 3, weight);
        addRow(place + 4, at + 4, weight);
        addRow(place + 5, at + 5, weight);
        for (let more = UNROLLED_FEATURES; more < width; more++) addRow(place + more, at + more, weight);
      }
      for (let feature = 0; feature < featureCount; feature++) out[feature] = sums[feature]!;
    },
  };
}

/** The table with rows of `width` values, the added ones 0. */
function padded({ features, values }: LeafTable, width: number): Float64Array {
  const leaves = features.length === 0 ? 1 : values.length / features.length;
  const wide = new Float64Array(leaves * width);
  for (let leaf = 0; leaf < leaves; leaf++) {
    wide.set(values.subarray(leaf * features.length, (leaf + 1) * features.length), leaf * width);
  }
  return wide;
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
