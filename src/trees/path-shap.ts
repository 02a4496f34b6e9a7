/** Exact path-dependent Shapley values of binary trees, by quadrature. */
import { coverShare, type Explainer } from './explanation.ts';
import { FILL_LOCALS, finishProgram, LOCALS, MOST_PAIRS, nodeBytesOf, passedAt, sweepProgram } from './path-kernel.ts';
import { DOUBLE_BYTES, PAIR_BYTES, recordBytes, roundUp, writeTrees } from './path-layout.ts';
import { gaussLegendre } from './quadrature.ts';
import { copyRow, fillProgram, SLOT_PAIR_BYTES } from './slots.ts';
import { type Tree, type TreeEnsemble } from './tree.ts';
import { assemble, type Code, local } from './wasm.ts';

/*
 * A leaf is worth v·∏ o_i to a row, o_i being 1 when the row passes all tests of feature i on the way; a feature left
 * out passes with the share z_i of training weight that does. Its Shapley value for feature i is
 *   v (o_i − z_i) ∫₀¹ ∏_{j≠i} (t·o_j + (1−t)·z_j) dt,
 * a polynomial of degree below the number of features on the path, so Gauss–Legendre with half as many points is
 * exact. At each point: going down, a node's product P takes the factor f = t·o + (1−t)·z of every edge above it; coming
 * up, its sum S takes the leaves below it times the factors of the edges between. With z of the two edges below a node,
 * and S₁ on the side the row goes to, the mean M = z₁S₁ + z₀S₀ and the gap G = S₁ − M give
 *   S = M + t·G, and what all leaves below are worth to the node's feature is Σ P·G over the weighted points.
 * Where the feature has been tested above with share z, its factor there leaves again: P and S are divided by f = z + t(1−z),
 * and the edge above takes (1−z)·P·S of these leaves already. Where the row failed that test, it fails on both sides,
 * which then add their parts of the share and are worth nothing more.
 */

/** Trees that need equally many points, in as many sweeps. */
interface Group {
  readonly trees: Tree[];
  readonly pairs: number;
  readonly sweeps: number;
}

/**
 * An explainer of an ensemble's binary trees, holding its own scratch memory: one call at a time. `owners` [featureCount]
 * names the feature each tested column was made from, when several are made from one: values are then owners' values.
 */
export function createPathExplainer(
  ensemble: TreeEnsemble,
  owners = Int32Array.from({ length: ensemble.featureCount }, (_, column) => column),
): Explainer {
  const expectedMargin = ensemble.trees.reduce((sum, tree) => sum + expectedValue(tree), ensemble.baseMargin);
  const kernel = createKernel(groupsOf(ensemble.trees, owners), ensemble.featureCount, owners);
  const { cells, results } = kernel;
  return {
    expectedMargin,
    add(row, offset, out, weight) {
      copyRow(row, offset, cells);
      kernel.run(weight);
      for (let feature = 0; feature < results.length; feature++) out[feature] = out[feature]! + results[feature]!;
    },
  };
}

function groupsOf(trees: readonly Tree[], owners: Int32Array): readonly Group[] {
  const groups = new Map<number, Group>();
  for (const tree of trees) {
    // n points are exact up to degree 2n − 1; a path of d features needs degree d − 1.
    const needed = Math.ceil(longestPath(tree, owners) / 4);
    if (needed === 0) continue;
    const sweeps = Math.ceil(needed / MOST_PAIRS);
    const pairs = Math.ceil(needed / sweeps);
    const group = groups.get(sweeps * pairs) ?? { trees: [], pairs, sweeps };
    group.trees.push(tree);
    groups.set(sweeps * pairs, group);
  }
  return [...groups.values()];
}

/** Both views look into one memory: what is tested, and what `run` makes of it. */
interface Kernel {
  readonly cells: Float64Array;
  /** By feature. */
  readonly results: Float64Array;
  readonly run: (weight: number) => number;
}

function createKernel(groups: readonly Group[], columns: number, owners: Int32Array): Kernel {
  const features = owners.reduce((most, owner) => Math.max(most, owner + 1), 0);
  const slots = 0;
  const rowAt = SLOT_PAIR_BYTES * columns;
  const sums = roundUp(rowAt + DOUBLE_BYTES * columns);
  const results = sums + PAIR_BYTES * features;
  const work = roundUp(results + DOUBLE_BYTES * features);
  const workBytes = groups.reduce((most, { trees, pairs }) => Math.max(most, mostNodes(trees) * nodeBytesOf(pairs)), 0);
  const bytes = groups.reduce(
    (end, { trees, pairs, sweeps }) => end + recordBytes(trees, 2 * pairs * sweeps),
    work + workBytes,
  );
  const image = new ArrayBuffer(bytes);
  const program: Code[] = [];
  let begin = roundUp(work + workBytes);
  for (const { trees, pairs, sweeps } of groups) {
    const areas = { slots, sums, work, nodeBytes: nodeBytesOf(pairs), passed: passedAt(pairs) };
    const { points, weights } = gaussLegendre(2 * pairs * sweeps);
    const records = writeTrees(image, begin, trees, owners, points, areas);
    begin = records.end;
    for (let firstPoint = 0; firstPoint < points.length; firstPoint += 2 * pairs) {
      const range = [firstPoint, firstPoint + 2 * pairs] as const;
      const sweep = { records, points: points.slice(...range), weights: weights.slice(...range), firstPoint };
      program.push(sweepProgram(sweep, areas));
    }
  }
  const fill = fillProgram({ rowAt, slotsAt: slots, features: columns }, FILL_LOCALS);
  const body = [...fill, ...program.flat(), ...finishProgram(sums, results, features), ...local(0)];
  const { memory, run } = assemble({ ...LOCALS, body, bytes });
  new Uint8Array(memory).set(new Uint8Array(image));
  return {
    cells: new Float64Array(memory, rowAt, columns),
    results: new Float64Array(memory, results, features),
    run,
  };
}

const mostNodes = (trees: readonly Tree[]): number =>
  trees.reduce((most, { feature }) => Math.max(most, feature.length), 0);

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
