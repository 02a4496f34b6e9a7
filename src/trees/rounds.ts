/** Grows trees of boosting one after the other in the shared memory, each on the margins that those before have left. */
import { memoryFor, wholeLines } from './arena.ts';
import { type CodeTable, codeTableMemory } from './code-table.ts';
import * as job from './job.ts';
import { gridRounder } from './objective.ts';
import { type BoostingParameters } from './params.ts';
import { layOutRows, mostAccumulatorBytes, rowCodesMemory } from './row-codes.ts';
import { type Team } from './team.ts';
import { type SymmetricTree, type Tree } from './tree.ts';

export interface Rounds {
  /** Room for the names of the rows to grow on, [rows]; a new view each time. */
  readonly order: () => Uint32Array;
  /** Draws rows into it by streams of random numbers from `stream` on; returns how many, and how many streams it took. */
  draw(stream: number): { readonly count: number; readonly streams: number };
  /** Margins of all rows and then of the check rows, to be set before the first round. */
  readonly margins: () => Float64Array;
  /** Gradient and second derivative of each row as of the last round, [2 × rows]. */
  readonly pairs: () => Float64Array;
  /** Writes the pairs of the present margins. */
  differentiate(): void;
  /**
   * Grows a tree on the first `count` rows of `order`, which it reorders, or on all rows when `count` is that of all;
   * tests only `features`, and adds the tree to the margins of all rows.
   */
  grow(count: number, features: Int32Array): GrownTree;
  /** Mean loss of the check rows, by weight. */
  checkLoss(): number;
  /** What trees test beside the features: feature number `features + place` is 1 for the codes of the set, else 0. */
  readonly sets: readonly CategorySet[];
}

/** Codes of a categorical feature. */
export interface CategorySet {
  readonly feature: number;
  /** Ascending. */
  readonly codes: Int32Array;
}

/** Labels and weights of rows; the check rows follow the others. */
export interface WeighedLabels {
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
}

/** One of the two. */
export interface GrownTree {
  readonly tree?: Tree;
  readonly symmetric?: SymmetricTree;
}

/** Histograms may take this much memory; nodes beyond have theirs summed again when their turn comes. */
const HISTOGRAM_BUDGET_BYTES = 2 ** 30;
/** One to divide, one for each child, one to spare. */
const FEWEST_HISTOGRAMS = 4;
const CELL_BYTES = 16;
/** Margins, weights, labels, pairs, second derivatives, and three lists of row names. */
const ROW_BYTES = 4 * 8 + 16 + 3 * 4;
/** Margins, weights and labels. */
const CHECK_ROW_BYTES = 3 * 8;
/** Areas that `createRounds` reserves by itself. */
const OWN_AREAS = 16;
const GROWTH = { 'depth-wise': job.DEPTH_WISE, 'leaf-wise': job.LEAF_WISE, symmetric: job.SYMMETRIC } as const;

export function createRounds(
  team: Team,
  table: CodeTable,
  { labels, weights }: WeighedLabels,
  parameters: BoostingParameters,
  histogramBudgetBytes = HISTOGRAM_BUDGET_BYTES,
): Rounds {
  const { arena } = team;
  const { rows, checkRows } = table;
  const all = rows + checkRows;
  const area = (field: number, bytes: number): number => {
    const address = arena.reserve(bytes);
    arena.set(field, address);
    return address;
  };
  // Kernels take two rows at a time, hence room for one more, which weighs nothing.
  const margins = area(job.MARGINS, 8 * (all + 1));
  arena.doubles(margins, all + 1)[all] = 0;
  arena
    .doubles(area(job.WEIGHTS, 8 * (all + 1)), all + 1)
    .fill(0)
    .set(weights);
  arena
    .doubles(area(job.LABELS, 8 * (all + 1)), all + 1)
    .fill(0)
    .set(labels);
  const checkWeight = weights.subarray(rows).reduce((sum, weight) => sum + weight, 0);
  const drawBlocks = Math.ceil(rows / job.BLOCK_ROWS);
  const checkBlocks = Math.ceil(checkRows / job.BLOCK_ROWS);
  area(job.DRAW_COUNTS, 4 * drawBlocks);
  const losses = area(job.CHECK_LOSSES, 8 * checkBlocks);
  const pairs = area(job.PAIRS, 16 * (rows + 1));
  arena.set(job.SPLITS_BY_WEIGHT, parameters.splitsByWeight);
  area(job.CURVATURES, parameters.splitsByWeight * 8 * (rows + 1));
  const order = area(job.ORDER, 4 * rows);
  area(job.LEFT_ROOM, 4 * rows);
  area(job.RIGHT_ROOM, 4 * rows);
  recordRules(team, weights.subarray(0, rows), parameters);
  recordMonotone(team, table, parameters.monotone);
  const sets = createSetList(table.cuts.length);
  reserveForGrowth(team, table, layOutRows(team, table), parameters, histogramBudgetBytes);

  function grow(count: number, features: Int32Array): GrownTree {
    arena.set(job.DRAWN, count);
    const columns = arena.get(job.COLUMNS);
    for (const feature of table.informative) arena.set(columns + feature * job.COLUMN_BYTES + job.COLUMN_DRAWN, 0);
    for (const feature of features) arena.set(columns + feature * job.COLUMN_BYTES + job.COLUMN_DRAWN, 1);
    team.run(job.JOB_GROW);
    return parameters.growth === 'symmetric'
      ? { symmetric: readSymmetric(team, table) }
      : { tree: readTree(team, table, sets) };
  }

  return {
    order: () => arena.integers(order, rows),
    draw(stream) {
      arena.set(job.DRAW_STREAM, stream);
      team.run(job.JOB_DRAW);
      return { count: arena.get(job.DRAWN), streams: drawBlocks };
    },
    margins: () => arena.doubles(margins, all),
    pairs: () => arena.doubles(pairs, 2 * rows),
    differentiate: () => team.run(job.JOB_DIFFERENTIATE),
    grow,
    checkLoss() {
      team.run(job.JOB_CHECK);
      return arena.doubles(losses, checkBlocks).reduce((sum, loss) => sum + loss, 0) / checkWeight;
    },
    sets: sets.sets,
  };
}

interface SetList {
  readonly sets: readonly CategorySet[];
  /** The column of a set; the same for the same set. */
  columnOf(feature: number, codes: readonly number[]): number;
}

function createSetList(features: number): SetList {
  const sets: CategorySet[] = [];
  const columns = new Map<string, number>();
  return {
    sets,
    columnOf(feature, codes) {
      const key = [feature, ...codes].join(' ');
      const column = columns.get(key) ?? features + sets.push({ feature, codes: Int32Array.from(codes) }) - 1;
      columns.set(key, column);
      return column;
    },
  };
}

function recordRules({ arena }: Team, weights: Float64Array, parameters: BoostingParameters): void {
  let totalWeight = 0;
  for (const weight of weights) totalWeight += weight;
  const rounder = gridRounder(totalWeight * (1 + parameters.focalGamma));
  arena.setDouble(job.GRID_ROUNDER, rounder);
  arena.setDouble(job.GRID_STEP, rounder / 1.5 / 2 ** 52);
  arena.setDouble(job.FOCAL_GAMMA, parameters.focalGamma);
  arena.setDouble(job.LEARNING_RATE, parameters.learningRate);
  arena.setDouble(job.L2, parameters.l2);
  arena.setDouble(job.MINIMUM_CHILD_WEIGHT, parameters.minimumChildWeight);
  arena.setDouble(job.MINIMUM_GAIN, parameters.minimumGain);
  arena.setDouble(job.ROW_SHARE, parameters.rowShare);
  arena.setDouble(job.CATEGORY_SMOOTHING, parameters.categorySmoothing);
  arena.set(job.CATEGORIES_PER_SIDE, parameters.categoriesPerSide);
}

function recordMonotone(
  { arena }: Team,
  { cuts, categorical }: CodeTable,
  directions: BoostingParameters['monotone'],
): void {
  const constrained = Object.entries(directions);
  arena.set(job.CONSTRAINED, constrained.length > 0 ? 1 : 0);
  for (const [feature, direction] of constrained) {
    const isFeature = /^\d+$/.test(feature) && Number(feature) < cuts.length;
    if (!isFeature) throw new RangeError(`invalid monotone: no feature ${feature}`);
    if (direction !== 1 && direction !== -1) throw new RangeError(`invalid monotone: direction ${String(direction)} of feature ${feature} (expected 1 or -1)`); // prettier-ignore
    if (categorical.has(Number(feature))) throw new RangeError(`invalid monotone: the categories of feature ${feature} have no order`); // prettier-ignore
    arena.set(arena.get(job.COLUMNS) + Number(feature) * job.COLUMN_BYTES + job.COLUMN_DIRECTION, direction);
  }
}

/** What growing needs: numbers of things and their bytes. */
function growthSizes(
  rows: number,
  cells: number,
  accumulatorBytes: number,
  { growth, maximumDepth, maximumLeaves }: BoostingParameters,
  histogramBudgetBytes: number,
) {
  const isSymmetric = growth === 'symmetric';
  const deepest = 2 ** maximumDepth;
  const leaves = growth === 'leaf-wise' ? Math.min(maximumLeaves, deepest) : Math.min(deepest, Math.max(2, rows));
  const histogramBytes = Math.max(1, cells) * CELL_BYTES;
  const affordable = Math.floor(histogramBudgetBytes / histogramBytes);
  const wanted = (isSymmetric ? deepest / 2 : leaves) + FEWEST_HISTOGRAMS - 1;
  const histograms = Math.max(FEWEST_HISTOGRAMS, Math.min(wanted, affordable));
  const nodes = isSymmetric ? 2 * (deepest + 1) + maximumDepth : 2 * leaves;
  return {
    leaves,
    leafBytes: 8 * nodes,
    histograms,
    histogramBytes,
    accumulatorBytes: wholeLines(accumulatorBytes),
    privateBytes: wholeLines(4 * histograms + 8 * leaves + (nodes + 1) * job.NODE_BYTES + job.CATEGORY_ROOM_BYTES),
    scoreBytes: isSymmetric ? 2 * 8 * cells : 0,
  };
}

/** Bytes that boosting on `threads` threads takes at most. */
export function boostingMemory(
  rows: number,
  features: number,
  threads: number,
  parameters: BoostingParameters,
  checkRows = 0,
): number {
  const { maximumBins } = parameters;
  const mostCells = Math.max(Math.min(maximumBins, rows) + 1, job.MOST_CATEGORIES + 2);
  const accumulatorBytes = mostAccumulatorBytes(features, mostCells);
  const sizes = growthSizes(rows, features * mostCells, accumulatorBytes, parameters, HISTOGRAM_BUDGET_BYTES);
  // With fewer cells than there might be, more histograms fit the budget, and each thread lists them.
  const { privateBytes } = growthSizes(rows, 1, accumulatorBytes, parameters, HISTOGRAM_BUDGET_BYTES);
  const histograms = (sizes.histograms + 1) * sizes.histogramBytes;
  const each = sizes.accumulatorBytes + privateBytes + job.REPORT_BYTES;
  const table = codeTableMemory(rows, features, maximumBins, threads, checkRows);
  const layout = rowCodesMemory(rows, features, maximumBins);
  const blocks = 12 * (Math.ceil((rows + checkRows) / job.BLOCK_ROWS) + 2);
  const bytes =
    blocks +
    CHECK_ROW_BYTES * checkRows +
    ROW_BYTES * (rows + 1) +
    histograms +
    sizes.scoreBytes +
    sizes.leafBytes +
    threads * each;
  return memoryFor(bytes + table.bytes + layout.bytes, table.areas + layout.areas + OWN_AREAS);
}

/** Reserves what growing needs, by the largest tree there can be. */
function reserveForGrowth(
  { arena, mostThreads }: Team,
  table: CodeTable,
  accumulatorBytes: number,
  parameters: BoostingParameters,
  histogramBudgetBytes: number,
): void {
  const sizes = growthSizes(table.rows, table.cells, accumulatorBytes, parameters, histogramBudgetBytes);
  arena.set(job.GROWTH, GROWTH[parameters.growth]);
  arena.set(job.MOST_LEAVES, sizes.leaves);
  arena.set(job.MOST_DEPTH, parameters.maximumDepth);
  arena.set(job.CELLS, table.cells);
  arena.set(job.HISTOGRAM_COUNT, sizes.histograms);
  arena.set(job.HISTOGRAM_BYTES, sizes.histogramBytes);
  arena.set(job.HISTOGRAMS, arena.reserve(sizes.histograms * sizes.histogramBytes));
  arena.set(job.ACCUMULATOR_BYTES, sizes.accumulatorBytes);
  const accumulators = arena.reserve(mostThreads * sizes.accumulatorBytes);
  arena.bytes(accumulators, mostThreads * sizes.accumulatorBytes).fill(0);
  arena.set(job.ACCUMULATORS, accumulators);
  arena.set(job.PRIVATE_BYTES, sizes.privateBytes);
  arena.set(job.PRIVATES, arena.reserve(mostThreads * sizes.privateBytes));
  arena.set(job.REPORTS, arena.reserve(mostThreads * job.REPORT_BYTES));
  arena.set(job.LEVEL_SCORES, arena.reserve(sizes.scoreBytes));
  arena.set(job.LEAF_CURVATURES, arena.reserve(sizes.leafBytes));
}

/** A cut after the last bin has no threshold of its own: every value lies below it. */
const thresholdOf = ({ cuts }: CodeTable, feature: number, lastLeft: number): number =>
  cuts[feature]![lastLeft] ?? Infinity;

/** Reads the fields of node records, `count` of them from `address` on. */
function createReader({ arena }: Team, address: number, count: number) {
  const view = new DataView(arena.bytes(address, count * job.NODE_BYTES).slice().buffer);
  return {
    integer: (node: number, field: number): number => view.getInt32(node * job.NODE_BYTES + field, true),
    double: (node: number, field: number): number => view.getFloat64(node * job.NODE_BYTES + field, true),
    bytes: (node: number, field: number) => new Uint8Array(view.buffer, node * job.NODE_BYTES + field, job.SET_BYTES),
  };
}

/** Threshold of the columns that sets make. */
const SET_THRESHOLD = 0.5;

/** Codes up to the last one known that do not go left. */
function rightCodes({ cuts }: CodeTable, feature: number, set: Uint8Array): number[] {
  const codes = [...cuts[feature]!.keys()];
  return codes.filter((code) => ((set[code >> 3]! >> (code & 7)) & 1) === 0);
}

function readTree(team: Team, table: CodeTable, sets: SetList): Tree {
  const count = team.arena.get(job.GROWN);
  const { integer, double, bytes } = createReader(team, team.arena.get(job.GROWN_NODES), count);
  const tree = {
    feature: new Int32Array(count).fill(-1),
    threshold: new Float64Array(count),
    missingLeft: new Uint8Array(count),
    left: new Int32Array(count),
    value: new Float64Array(count),
    cover: new Float64Array(count),
    gain: new Float64Array(count),
  };
  for (let node = 0; node < count; node++) {
    tree.cover[node] = double(node, job.NODE_CURVATURE);
    tree.left[node] = integer(node, job.NODE_LEFT);
    if (tree.left[node] === 0) {
      tree.value[node] = double(node, job.NODE_VALUE);
      continue;
    }
    const feature = integer(node, job.NODE_FEATURE);
    const isSet = table.categorical.has(feature);
    tree.feature[node] = isSet
      ? sets.columnOf(feature, rightCodes(table, feature, bytes(node, job.NODE_SET)))
      : feature;
    tree.threshold[node] = isSet ? SET_THRESHOLD : thresholdOf(table, feature, integer(node, job.NODE_LAST_LEFT));
    tree.missingLeft[node] = integer(node, job.NODE_MISSING_LEFT);
    tree.gain[node] = double(node, job.NODE_GAIN);
  }
  return tree;
}

function readSymmetric(team: Team, table: CodeTable): SymmetricTree {
  const { arena } = team;
  const depth = arena.get(job.GROWN_LEVEL_COUNT);
  const tests = createReader(team, arena.get(job.GROWN_LEVELS), depth);
  const leaves = arena.get(job.GROWN);
  const { integer, double } = createReader(team, arena.get(job.GROWN_NODES), leaves);
  const value = new Float64Array(2 ** depth);
  const cover = new Float64Array(2 ** depth);
  for (let leaf = 0; leaf < leaves; leaf++) {
    value[integer(leaf, job.NODE_LEFT)] = double(leaf, job.NODE_VALUE);
    cover[integer(leaf, job.NODE_LEFT)] = double(leaf, job.NODE_CURVATURE);
  }
  const levels = [...new Array(depth).keys()];
  const feature = Int32Array.from(levels, (level) => tests.integer(level, job.NODE_FEATURE));
  return {
    feature,
    threshold: Float64Array.from(levels, (level) =>
      thresholdOf(table, feature[level]!, tests.integer(level, job.NODE_LAST_LEFT)),
    ),
    missingLeft: Uint8Array.from(levels, (level) => tests.integer(level, job.NODE_MISSING_LEFT)),
    gain: Float64Array.from(levels, (level) => tests.double(level, job.NODE_GAIN)),
    value,
    cover,
  };
}
