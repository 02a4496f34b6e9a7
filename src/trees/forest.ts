/** Random forests and single decision trees: leaves hold the weighted fraud rate, splits lower the Gini impurity. */
import { memoryFor } from './arena.ts';
import { type LabelledColumns, recordSeed } from './boost.ts';
import { type CodeTable, codeTable, codeTableMemory } from './code-table.ts';
import * as job from './job.ts';
import { gridRounder } from './objective.ts';
import { type ForestParameters } from './params.ts';
import { openTeam, type Team, usefulThreads } from './team.ts';
import { type Tree, type TreeEnsemble } from './tree.ts';

/** As in boost.ts, of the table times trees, which cost more a cell than rounds. */
const THREADS_FROM_CELLS = 5_000_000;
/** Areas that a forest reserves by itself. */
const OWN_AREAS = 5;

/**
 * Fits a forest; its margin is the mean over trees of the fraud rate in the row's leaf. The same input gives the same
 * trees, bit for bit, on any number of `threads`; by default all there are, where they pay.
 */
export function growForest(
  training: LabelledColumns,
  parameters: ForestParameters,
  seed: number,
  threads?: number,
): TreeEnsemble {
  const [rows, features] = [training.labels.length, training.columns.length];
  const pays = rows * features * parameters.trees >= THREADS_FROM_CELLS;
  const team = openForestTeam(rows, features, parameters, threads ?? (pays ? usefulThreads() : 1));
  try {
    return growForestOn(team, training, parameters, seed);
  } finally {
    team.close();
  }
}

/** A team with the memory for one `growForestOn` of this size. */
export function openForestTeam(rows: number, features: number, parameters: ForestParameters, threads: number): Team {
  const { maximumBins, maximumDepth } = parameters;
  const table = codeTableMemory(rows, features, maximumBins, threads);
  const codes = Math.min(maximumBins, rows) + 1;
  const each = mostNodesOf(rows, maximumDepth) * job.LEAF_BYTES + roomOf(rows, codes, features, maximumDepth) + 4;
  return openTeam(threads, memoryFor(16 * rows + threads * each + table.bytes, table.areas + OWN_AREAS));
}

/** The same on a team that is open already. */
export function growForestOn(
  team: Team,
  training: LabelledColumns,
  parameters: ForestParameters,
  seed: number,
): TreeEnsemble {
  const table = codeTable(team, training.columns, parameters.maximumBins);
  const together = Math.min(team.mostThreads, parameters.trees);
  recordForest(team, table, training, parameters, seed, together);
  const trees: Tree[] = [];
  while (trees.length < parameters.trees) {
    const count = Math.min(together, parameters.trees - trees.length);
    team.arena.set(job.FIRST_TREE, trees.length);
    team.arena.set(job.FOREST_TREES, count);
    team.run(job.JOB_FOREST);
    for (let index = 0; index < count; index++) trees.push(readTree(team, table, index, parameters.trees));
  }
  return { featureCount: training.columns.length, baseMargin: 0, trees, symmetric: [] };
}

function recordForest(
  { arena, mostThreads }: Team,
  table: CodeTable,
  training: LabelledColumns,
  parameters: ForestParameters,
  seed: number,
  treesTogether: number,
): void {
  const { rows } = table;
  const features = training.columns.length;
  const area = (field: number, bytes: number): number => {
    const address = arena.reserve(bytes);
    arena.set(field, address);
    return address;
  };
  arena.doubles(area(job.WEIGHTS, 8 * rows), rows).set(balancedWeights(training, parameters.balanced === 1));
  arena.doubles(area(job.LABELS, 8 * rows), rows).set(training.labels);
  const perSplit = parameters.columnsPerSplit || Math.max(1, Math.floor(Math.sqrt(features)));
  recordSeed(arena, seed);
  arena.set(job.COLUMNS_PER_SPLIT, Math.min(features, perSplit));
  arena.set(job.WITH_REPLACEMENT, parameters.bootstrap);
  arena.set(job.MOST_DEPTH, parameters.maximumDepth);
  arena.setDouble(job.MINIMUM_CHILD_WEIGHT, parameters.minimumChildWeight);
  const codes = table.cuts.reduce((most, cuts) => Math.max(most, cuts.length + 2), 2);
  const mostNodes = mostNodesOf(rows, parameters.maximumDepth);
  arena.set(job.MOST_CODES, codes);
  arena.set(job.MOST_NODES, mostNodes);
  area(job.TREE_NODES, treesTogether * mostNodes * job.LEAF_BYTES);
  area(job.TREE_SIZES, 4 * treesTogether);
  const roomBytes = roomOf(rows, codes, features, parameters.maximumDepth);
  arena.set(job.FOREST_ROOM_BYTES, roomBytes);
  const room = area(job.FOREST_ROOM, mostThreads * roomBytes);
  arena.bytes(room, mostThreads * roomBytes).fill(0);
}

const mostNodesOf = (rows: number, depth: number): number => 2 * Math.min(Math.max(1, rows), 2 ** depth);

/** Bytes a thread works in; see kernels/forest.ts and kernels/groups.ts for what they hold. */
function roomOf(rows: number, codes: number, features: number, depth: number): number {
  const pairs = 2 * 16 * rows;
  const groups = (16 + 16 + 4) * codes + 2 * 4 * rows + 4 * 256;
  const names = 2 * 4 * rows + 4 * features;
  const pending = 32 * (depth + 2);
  return Math.ceil((pairs + groups + names + pending + 64) / 64) * 64;
}

function readTree({ arena }: Team, { cuts }: CodeTable, index: number, trees: number): Tree {
  const count = arena.integers(arena.get(job.TREE_SIZES), index + 1)[index]!;
  const first = arena.get(job.TREE_NODES) + index * arena.get(job.MOST_NODES) * job.LEAF_BYTES;
  const view = new DataView(arena.bytes(first, count * job.LEAF_BYTES).slice().buffer);
  const integers = (field: number) => Int32Array.from({ length: count }, (_, node) => view.getInt32(node * job.LEAF_BYTES + field, true)); // prettier-ignore
  const doubles = (field: number) => Float64Array.from({ length: count }, (_, node) => view.getFloat64(node * job.LEAF_BYTES + field, true)); // prettier-ignore
  const feature = integers(job.LEAF_FEATURE);
  const lastLeft = integers(job.LEAF_LAST_LEFT);
  return {
    feature,
    // A cut after the last bin has no threshold of its own: every value lies below it.
    threshold: Float64Array.from(feature, (tested, node) =>
      tested < 0 ? 0 : (cuts[tested]![lastLeft[node]!] ?? Infinity),
    ),
    missingLeft: Uint8Array.from(integers(job.LEAF_MISSING_LEFT)),
    left: integers(job.LEAF_LEFT),
    value: doubles(job.LEAF_VALUE).map((rate) => rate / trees),
    cover: doubles(job.LEAF_COVER),
    gain: doubles(job.LEAF_GAIN),
  };
}

/** Row weights on the exact-sum grid; balanced, each class counts half of the total. */
function balancedWeights({ labels, weights }: LabelledColumns, balanced: boolean): Float64Array {
  const totals = [0, 0];
  labels.forEach((label, row) => {
    totals[label] = totals[label]! + (weights?.[row] ?? 1);
  });
  const all = totals[0]! + totals[1]!;
  if (!(all > 0 && all < Infinity)) throw new RangeError(`invalid weights: they sum to ${all}`);
  // A bootstrap may draw a row often, hence twice the total as the bound of all sums.
  const rounder = gridRounder(2 * all);
  return Float64Array.from(labels, (label, row) => {
    const weight = (weights?.[row] ?? 1) * (balanced ? all / (2 * totals[label]!) : 1);
    const onGrid = weight + rounder - rounder;
    if (!(onGrid > 0 || weight === 0)) throw new RangeError(`invalid weight of row ${row}: ${weight} (scale weights to a mean of 1)`); // prettier-ignore
    return onGrid;
  });
}
