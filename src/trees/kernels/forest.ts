/** Grows deep trees that try a few random features at each split; every thread grows trees of its own. */
import {
  COLUMN_BYTES,
  COLUMN_CELLS,
  COLUMNS,
  COLUMNS_PER_SPLIT,
  FEATURES,
  FIRST_TREE,
  FOREST_ROOM,
  FOREST_ROOM_BYTES,
  FOREST_TREES,
  LABELS,
  LEAF_BYTES,
  LEAF_COVER,
  LEAF_FEATURE,
  LEAF_GAIN,
  LEAF_LAST_LEFT,
  LEAF_LEFT,
  LEAF_MISSING_LEFT,
  LEAF_VALUE,
  MINIMUM_CHILD_WEIGHT,
  MOST_CODES,
  MOST_DEPTH,
  MOST_NODES,
  ROWS,
  SEED_HIGH,
  SEED_LOW,
  TREE_NODES,
  TREE_SIZES,
  WEIGHTS,
  WITH_REPLACEMENT,
} from '../job.ts';
import { groupCodes, groupCount, groupRows, groupSums, placeGroups } from './groups.ts';
import { part } from './partition.ts';
import { fork, integer } from './random.ts';
import { thread, threads } from './team.ts';

/** Nodes still to be grown: [depth + 2] records. */
const PENDING_BYTES: usize = 32;
const PENDING_NODE: usize = 0;
const PENDING_BEGIN: usize = 4;
const PENDING_END: usize = 8;
const PENDING_DEPTH: usize = 12;
/** f64 weight of frauds, then of all rows. */
const PENDING_SUMS: usize = 16;

/** f64 [2 × rows]: weight where the row is a fraud, and weight; by row, then in the order of a node's rows. */
let rowPairs: usize = 0;
let nodePairs: usize = 0;
/** u32 [rows]: rows by node, and room to part them in. */
let order: usize = 0;
let room: usize = 0;
/** u32 [features]: a shuffle in progress. */
let untried: usize = 0;
let pending: usize = 0;
let pendingCount: u32 = 0;
let nodes: usize = 0;
let used: u32 = 0;

/** The best split so far. Its score is (Σ fraud weight)² / Σ weight of both sides added. */
let topScore: f64 = 0;
let topFeature: i32 = -1;
let topLastLeft: u32 = 0;
let topMissingLeft: bool = false;
let topLeft: v128 = f64x2.splat(0);

/** Grows this thread's share of the trees asked for. */
export function growForest(): void {
  const rows = load<usize>(ROWS);
  let next = load<usize>(FOREST_ROOM) + thread * load<u32>(FOREST_ROOM_BYTES);
  rowPairs = next;
  nodePairs = rowPairs + (rows << 4);
  next = placeGroups(nodePairs + (rows << 4), load<usize>(MOST_CODES), rows);
  order = next;
  room = order + (rows << 2);
  untried = room + (rows << 2);
  pending = (untried + (load<usize>(FEATURES) << 2) + 15) & ~15;
  for (let index: u32 = thread; index < load<u32>(FOREST_TREES); index += threads) {
    nodes = load<usize>(TREE_NODES) + index * load<u32>(MOST_NODES) * LEAF_BYTES;
    fork(load<u32>(SEED_LOW), load<u32>(SEED_HIGH), load<u32>(FIRST_TREE) + index);
    growTree();
    store<u32>(load<usize>(TREE_SIZES) + (index << 2), used);
  }
}

/** Weighs the rows, drawing them with replacement if told; returns how many weigh anything. */
function drawRows(): u32 {
  const rows = load<u32>(ROWS);
  const weights = load<usize>(WEIGHTS);
  const labels = load<usize>(LABELS);
  const replaces = load<u32>(WITH_REPLACEMENT) != 0;
  memory.fill(rowPairs, 0, (<usize>rows) << 4);
  for (let index: u32 = 0; index < rows; index++) {
    const row = <usize>(replaces ? integer(rows) : index);
    const weight = rowPairs + (row << 4) + 8;
    store<f64>(weight, load<f64>(weight) + load<f64>(weights + (row << 3)));
  }
  let drawn: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const weight = load<f64>(rowPairs + (row << 4), 8);
    store<f64>(rowPairs + (row << 4), weight * load<f64>(labels + (row << 3)));
    store<u32>(order + ((<usize>drawn) << 2), <u32>row);
    drawn += u32(weight > 0);
  }
  return drawn;
}

function addNode(): u32 {
  memory.fill(nodes + used * LEAF_BYTES, 0, LEAF_BYTES);
  store<i32>(nodes + used * LEAF_BYTES + LEAF_FEATURE, -1);
  return used++;
}

function push(node: u32, begin: u32, end: u32, depth: u32, sums: v128): void {
  const record = pending + pendingCount++ * PENDING_BYTES;
  store<u32>(record + PENDING_NODE, node);
  store<u32>(record + PENDING_BEGIN, begin);
  store<u32>(record + PENDING_END, end);
  store<u32>(record + PENDING_DEPTH, depth);
  v128.store(record + PENDING_SUMS, sums);
}

function growTree(): void {
  used = 0;
  pendingCount = 0;
  const drawn = drawRows();
  let sums = f64x2.splat(0);
  for (let index: usize = 0; index < drawn; index++) {
    sums = f64x2.add(sums, v128.load(rowPairs + (load<usize>(order + (index << 2)) << 4)));
  }
  push(addNode(), 0, drawn, 0, sums);
  while (pendingCount > 0) growNode(pending + --pendingCount * PENDING_BYTES);
}

function growNode(record: usize): void {
  const node = nodes + load<u32>(record + PENDING_NODE) * LEAF_BYTES;
  const begin = load<u32>(record + PENDING_BEGIN);
  const end = load<u32>(record + PENDING_END);
  const depth = load<u32>(record + PENDING_DEPTH);
  const sums = v128.load(record + PENDING_SUMS);
  const fraud = f64x2.extract_lane(sums, 0);
  const total = f64x2.extract_lane(sums, 1);
  store<f64>(node + LEAF_COVER, total);
  const settled = fraud == 0 || fraud == total || depth >= load<u32>(MOST_DEPTH);
  if (settled || !findSplit(begin, end, sums)) {
    store<f64>(node + LEAF_VALUE, fraud / total);
    return;
  }
  const names = order + ((<usize>begin) << 2);
  const lefts = part(names, end - begin, topFeature, topLastLeft, topMissingLeft, names, room);
  memory.copy(names + ((<usize>lefts) << 2), room, (<usize>(end - begin - lefts)) << 2);
  const left = addNode();
  addNode();
  store<i32>(node + LEAF_FEATURE, topFeature);
  store<u32>(node + LEAF_LAST_LEFT, topLastLeft);
  store<u32>(node + LEAF_MISSING_LEFT, u32(topMissingLeft));
  store<u32>(node + LEAF_LEFT, left);
  store<f64>(node + LEAF_GAIN, topScore - (fraud * fraud) / total);
  const leftSums = topLeft;
  push(left + 1, begin + lefts, end, depth + 1, f64x2.sub(sums, leftSums));
  push(left, begin, begin + lefts, depth + 1, leftSums);
}

/** Best split over random features: as many as asked for, and on until one varies; false when none helps. */
function findSplit(begin: u32, end: u32, sums: v128): bool {
  const names = order + ((<usize>begin) << 2);
  for (let place: usize = 0; place < end - begin; place++) {
    v128.store(nodePairs + (place << 4), v128.load(rowPairs + (load<usize>(names + (place << 2)) << 4)));
  }
  const features = load<u32>(FEATURES);
  for (let feature: u32 = 0; feature < features; feature++) store<u32>(untried + (feature << 2), feature);
  const fraud = f64x2.extract_lane(sums, 0);
  topScore = (fraud * fraud) / f64x2.extract_lane(sums, 1);
  topFeature = -1;
  const wanted = load<u32>(COLUMNS_PER_SPLIT);
  let varying: u32 = 0;
  for (let tried: u32 = 0; tried < features && (tried < wanted || varying == 0); tried++) {
    const drawn = untried + ((tried + integer(features - tried)) << 2);
    const feature = load<u32>(drawn);
    store<u32>(drawn, load<u32>(untried + (tried << 2)));
    store<u32>(untried + (tried << 2), feature);
    const column = load<usize>(COLUMNS) + feature * COLUMN_BYTES;
    if (load<u32>(column + COLUMN_CELLS) == 0) continue;
    groupRows(column, names, nodePairs, end - begin);
    if (groupCount < 2) continue;
    tryFeature(feature, load<u32>(column + COLUMN_CELLS) - 1, sums);
    varying++;
  }
  return topFeature >= 0;
}

/** Tries all cuts between the groups of one feature. */
function tryFeature(feature: u32, missingCode: u32, sums: v128): void {
  const last = groupCount - 1;
  const lacksMissing = load<u32>(groupCodes + (last << 2)) != missingCode;
  scanGroups(feature, last, f64x2.splat(0), sums, missingCode, lacksMissing);
  if (!lacksMissing) scanGroups(feature, last - 1, v128.load(groupSums + (last << 4)), sums, missingCode, false);
}

/** Tries cuts after groups 0..last−1, rows before them (and those without a value, given their sums) going left. */
function scanGroups(feature: u32, last: u32, missing: v128, sums: v128, missingCode: u32, lacksMissing: bool): void {
  const least = load<f64>(MINIMUM_CHILD_WEIGHT);
  let left = missing;
  for (let index: u32 = 0; index < last; index++) {
    left = f64x2.add(left, v128.load(groupSums + ((<usize>index) << 4)));
    const right = f64x2.sub(sums, left);
    const frauds = i64x2.shuffle(left, right, 0, 2);
    const weights = i64x2.shuffle(left, right, 1, 3);
    const scores = f64x2.div(f64x2.mul(frauds, frauds), weights);
    const score = f64x2.extract_lane(scores, 0) + f64x2.extract_lane(scores, 1);
    if (!(score > topScore)) continue;
    const leftWeight = f64x2.extract_lane(weights, 0);
    const rightWeight = f64x2.extract_lane(weights, 1);
    if (leftWeight < least || rightWeight < least) continue;
    const code = load<u32>(groupCodes + ((<usize>index) << 2));
    const next = load<u32>(groupCodes + ((<usize>(index + 1)) << 2));
    topScore = score;
    topFeature = <i32>feature;
    // In the middle of the codes that the node does not hold; after the last value only missing ones go right.
    topLastLeft = next == missingCode ? missingCode - 1 : (code + next - 1) >> 1;
    // Missing values that the node does not hold follow the heavier side.
    topMissingLeft = f64x2.extract_lane(missing, 1) > 0 || (lacksMissing && leftWeight >= rightWeight);
    topLeft = left;
  }
}
