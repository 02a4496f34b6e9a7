/** Exact Shapley values of symmetric trees: they depend on the leaf alone, so each leaf's are tabled beforehand. */
import { coverShare, type Explainer } from './explanation.ts';
import { gaussLegendre } from './quadrature.ts';
import { type SymmetricLeaves } from './symmetric-leaves.ts';
import { type SymmetricTree, type TreeEnsemble } from './tree.ts';
import {
  addDoubles,
  addIntegers,
  assemble,
  type Code,
  integer,
  loadDouble,
  loadInteger,
  local,
  multiplyDoubles,
  multiplyIntegers,
  repeat,
  setLocal,
  storeDouble,
} from './wasm.ts';

const DOUBLE_BYTES = Float64Array.BYTES_PER_ELEMENT;
const INTEGER_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** An explainer of an ensemble's symmetric trees, holding its own scratch memory: one call at a time. */
export function createSymmetricExplainer(ensemble: TreeEnsemble, leaves: SymmetricLeaves): Explainer {
  const { featureCount } = ensemble;
  const tables = ensemble.symmetric.map(tableOf);
  const kernel = createKernel(tables, featureCount);
  return {
    expectedMargin: tables.reduce((sum, { expected }) => sum + expected, ensemble.baseMargin),
    add(row, offset, out, weight) {
      kernel.leaves.set(leaves.of(row, offset));
      kernel.sums.set(out);
      kernel.run(weight);
      for (let feature = 0; feature < featureCount; feature++) out[feature] = kernel.sums[feature]!;
    },
  };
}

interface Kernel {
  readonly leaves: Int32Array;
  /** By feature, then one for what pads the tables. */
  readonly sums: Float64Array;
  /** Adds `weight` × the contributions in the leaves to the sums, tree by tree. */
  readonly run: (weight: number) => number;
}

/** Pads all tables to one size; there must be one. */
function createKernel(tables: readonly LeafTable[], featureCount: number): Kernel {
  const width = tables.reduce((most, { features }) => Math.max(most, features.length), 0);
  const size = width * tables.reduce((most, { leaves }) => Math.max(most, leaves), 0);
  const contributionsAt = DOUBLE_BYTES * (featureCount + 1);
  const addressesAt = contributionsAt + DOUBLE_BYTES * tables.length * size;
  const leavesAt = addressesAt + INTEGER_BYTES * tables.length * width;
  const { memory, run } = assemble({
    parameters: 1,
    integerLocals: 4,
    doubleLocals: width,
    body: addProgram(tables.length, width, size, { contributionsAt, addressesAt, leavesAt }),
    bytes: leavesAt + INTEGER_BYTES * tables.length,
  });
  const contributions = new Float64Array(memory, contributionsAt, tables.length * size);
  const addresses = new Int32Array(memory, addressesAt, tables.length * width).fill(DOUBLE_BYTES * featureCount);
  tables.forEach(({ features, leaves, values }, tree) => {
    features.forEach((feature, place) => {
      addresses[tree * width + place] = DOUBLE_BYTES * feature;
      for (let leaf = 0; leaf < leaves; leaf++) {
        contributions[tree * size + leaf * width + place] = values[leaf * features.length + place]!;
      }
    });
  });
  return {
    leaves: new Int32Array(memory, leavesAt, tables.length),
    sums: new Float64Array(memory, 0, featureCount + 1),
    run,
  };
}

/**
 * For each tree and each of its features: sum of the feature ← sum + weight × contribution in the tree's leaf. The features
 * of a tree are written out one after the other, all loads before all stores: the processor need not wait whether they meet.
 */
function addProgram(
  trees: number,
  width: number,
  size: number,
  at: Readonly<Record<'contributionsAt' | 'addressesAt' | 'leavesAt', number>>,
): Code {
  const [weight, tree, addresses, table, leaf, values] = [0, 1, 2, 3, 4, 5];
  const places = Array.from({ length: width }, (_, place) => place);
  const reached = loadInteger(multiplyIntegers(local(tree), integer(INTEGER_BYTES)), at.leavesAt);
  const leafAt = addIntegers(local(table), multiplyIntegers(reached, integer(DOUBLE_BYTES * width)));
  const body = [
    ...setLocal(leaf, leafAt),
    ...places.flatMap((place) => {
      const contribution = loadDouble(local(leaf), at.contributionsAt + DOUBLE_BYTES * place);
      return setLocal(values + place, multiplyDoubles(local(weight), contribution));
    }),
    ...places.flatMap((place) => {
      const sumAt = loadInteger(local(addresses), at.addressesAt + INTEGER_BYTES * place);
      return storeDouble(sumAt, 0, addDoubles(loadDouble(sumAt, 0), local(values + place)));
    }),
    ...setLocal(addresses, addIntegers(local(addresses), integer(INTEGER_BYTES * width))),
    ...setLocal(table, addIntegers(local(table), integer(DOUBLE_BYTES * size))),
  ];
  return [...repeat(tree, trees, body), ...local(weight)];
}

interface LeafTable {
  /** Distinct features of the tree. */
  readonly features: readonly number[];
  readonly leaves: number;
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
  return { features, leaves, values, expected };
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
