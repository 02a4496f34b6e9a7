/** Grows one symmetric tree: every level applies the same test to all its nodes. Every thread runs the same steps. */
import {
  CELLS,
  CHECK_ROWS,
  COLUMN_BYTES,
  COLUMN_CELLS,
  COLUMN_DRAWN,
  COLUMN_HAS_MISSING,
  COLUMN_START,
  COLUMNS,
  DRAWN,
  GROWN,
  GROWN_LEVEL_COUNT,
  GROWN_LEVELS,
  GROWN_NODES,
  L2,
  LEARNING_RATE,
  LEVEL_SCORES,
  MEMBER_BYTES,
  MEMBER_FEATURE,
  MEMBERS,
  MINIMUM_CHILD_WEIGHT,
  MINIMUM_GAIN,
  MOST_DEPTH,
  NODE_BYTES,
  NODE_CURVATURE,
  NODE_END,
  NODE_FEATURE,
  NODE_GAIN,
  NODE_GRADIENT,
  NODE_LAST_LEFT,
  NODE_LEFT,
  NODE_MISSING_LEFT,
  NODE_OPEN,
  NODE_VALUE,
  PLACE_BYTES,
  PLACE_COUNT,
  PLACE_FIRST,
  PLACES,
  ROWS,
  SPLIT_FEATURE,
  SPLIT_LAST_LEFT,
  SPLIT_MISSING_LEFT,
  SPLIT_SCORE,
} from '../job.ts';
import {
  buildHistogram,
  divideHistogram,
  endDivision,
  leftSums,
  partRows,
  placeCount,
  requireHistogram,
  settleDivided,
  shareRows,
  sumRows,
} from './divide.ts';
import { cellsOf } from './histogram.ts';
import { settleLeaves } from './leaves.ts';
import { addLeaf, addToMargin, goesRight } from './margins.ts';
import { clearNode, freeHistogram, hasHistogram, histogramOf, isOpen, keepIfRoom, namesOf, rowsOf, startNodes } from './nodes.ts'; // prettier-ignore
import { bestReport, isBetter, reportOf } from './reports.ts';
import { maySplit, scoreOf } from './split.ts';
import { barrier, shareBegin, shareEnd, thread } from './team.ts';

/** The test of each level, as node records. */
let levels: usize = 0;
let levelCount: u32 = 0;
/** Nodes of the present level and of the next. */
let nodes: usize = 0;
let nodeCount: u32 = 0;
let children: usize = 0;
let childCount: u32 = 0;

function nodeAt(index: u32): usize {
  return nodes + index * NODE_BYTES;
}

/** Grows a tree on the rows of `ORDER`; leaves its nodes at `GROWN_NODES` and its tests at `GROWN_LEVELS`. */
export function growSymmetric(): void {
  const depth = load<u32>(MOST_DEPTH);
  levels = startNodes();
  levelCount = 0;
  nodes = levels + depth * NODE_BYTES;
  // Empty children are dropped only after their siblings are made, hence room for one more.
  children = nodes + ((1 << depth) + 1) * NODE_BYTES;
  clearNode(nodes, NODE_BYTES);
  nodeCount = 1;
  store<u32>(nodes + NODE_END, load<u32>(DRAWN));
  store<u32>(nodes + NODE_OPEN, 1);
  v128.store(nodes + NODE_GRADIENT, sumRows(namesOf(nodes), load<u32>(DRAWN)));
  buildHistogram(nodes);
  while (levelCount < depth && findTest()) divideLevel(levelCount == depth);
  finish();
}

/** Finds the test that saves most summed over the level's open nodes, the first of equals; false when none pays. */
function findTest(): bool {
  let parent: f64 = 0;
  for (let index: u32 = 0; index < nodeCount; index++) {
    if (isOpen(nodeAt(index))) parent += scoreOf(nodeAt(index));
  }
  clearScores();
  for (let index: u32 = 0; index < nodeCount; index++) {
    const node = nodeAt(index);
    if (!isOpen(node)) continue;
    const rebuilt = !hasHistogram(node);
    if (rebuilt) buildHistogram(node);
    for (let place = shareBegin(placeCount()); place < shareEnd(placeCount()); place++) scorePlace(place, node);
    if (!rebuilt) continue;
    barrier();
    freeHistogram(node);
  }
  const report = reportOf(thread);
  store<f64>(report + SPLIT_SCORE, parent + 2 * load<f64>(MINIMUM_GAIN));
  store<i32>(report + SPLIT_FEATURE, -1);
  for (let place = shareBegin(placeCount()); place < shareEnd(placeCount()); place++) searchPlace(place, report);
  barrier();
  return takeBest(parent);
}

function takeBest(parent: f64): bool {
  const best = bestReport(0);
  const feature = load<i32>(best + SPLIT_FEATURE);
  if (feature < 0) return false;
  const test = levels + levelCount++ * NODE_BYTES;
  store<i32>(test + NODE_FEATURE, feature);
  store<i32>(test + NODE_LAST_LEFT, load<i32>(best + SPLIT_LAST_LEFT));
  store<i32>(test + NODE_MISSING_LEFT, load<i32>(best + SPLIT_MISSING_LEFT));
  store<f64>(test + NODE_GAIN, (load<f64>(best + SPLIT_SCORE) - parent) / 2);
  return true;
}

function scoresOf(feature: u32, missingLeft: bool): usize {
  const start = load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_START);
  return load<usize>(LEVEL_SCORES) + ((start + (missingLeft ? load<u32>(CELLS) : 0)) << 3);
}

/** The feature of a place's member, or -1 when the tree may not test it. */
function drawnMember(place: u32, index: u32): i32 {
  const first = load<u32>(load<usize>(PLACES) + place * PLACE_BYTES + PLACE_FIRST);
  const feature = load<u32>(load<usize>(MEMBERS) + (first + index) * MEMBER_BYTES + MEMBER_FEATURE);
  const drawn = load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_DRAWN) != 0;
  return drawn ? <i32>feature : -1;
}

function memberCount(place: u32): u32 {
  return load<u32>(load<usize>(PLACES) + place * PLACE_BYTES + PLACE_COUNT);
}

function clearScores(): void {
  for (let place = shareBegin(placeCount()); place < shareEnd(placeCount()); place++) {
    for (let index: u32 = 0; index < memberCount(place); index++) {
      const feature = drawnMember(place, index);
      if (feature < 0) continue;
      const bytes = load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CELLS) << 3;
      memory.fill(scoresOf(feature, false), 0, bytes);
      memory.fill(scoresOf(feature, true), 0, bytes);
    }
  }
}

function scorePlace(place: u32, node: usize): void {
  for (let index: u32 = 0; index < memberCount(place); index++) {
    const feature = drawnMember(place, index);
    if (feature < 0) continue;
    const column = load<usize>(COLUMNS) + feature * COLUMN_BYTES;
    const cells = cellsOf(histogramOf(node), feature);
    const bins = load<u32>(column + COLUMN_CELLS) - 1;
    addScores(node, cells, bins, f64x2.splat(0), scoresOf(feature, false));
    if (load<u32>(column + COLUMN_HAS_MISSING) == 0) continue;
    addScores(node, cells, bins, v128.load(cells + (bins << 4)), scoresOf(feature, true));
  }
}

/** Adds what each cut of one feature scores in one node; a cut that starves a child scores as none. */
function addScores(node: usize, cells: usize, bins: u32, missing: v128, scores: usize): void {
  const sums = v128.load(node + NODE_GRADIENT);
  const l2 = f64x2.splat(load<f64>(L2));
  const least = load<f64>(MINIMUM_CHILD_WEIGHT);
  const whole = scoreOf(node);
  const empty = f64x2.extract_lane(missing, 1);
  const end = cells + (bins << 4);
  let left = missing;
  for (let cell = cells; cell < end; cell += 16) {
    left = f64x2.add(left, v128.load(cell));
    const right = f64x2.sub(sums, left);
    const gradients = i64x2.shuffle(left, right, 0, 2);
    const curvatures = i64x2.shuffle(left, right, 1, 3);
    const both = f64x2.div(f64x2.mul(gradients, gradients), f64x2.add(curvatures, l2));
    const score = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
    const leftCurvature = f64x2.extract_lane(curvatures, 0);
    const rightCurvature = f64x2.extract_lane(curvatures, 1);
    const starved =
      i32(leftCurvature < least) | i32(rightCurvature < least) | i32(rightCurvature == 0) | i32(leftCurvature == empty);
    store<f64>(scores, load<f64>(scores) + select<f64>(whole, score, starved));
    scores += 8;
  }
}

function searchPlace(place: u32, report: usize): void {
  for (let index: u32 = 0; index < memberCount(place); index++) {
    const feature = drawnMember(place, index);
    if (feature >= 0) searchFeature(feature, report);
  }
}

/** Betters the report by the cuts of one feature, now that their scores are summed over the level. */
function searchFeature(feature: i32, report: usize): void {
  const column = load<usize>(COLUMNS) + feature * COLUMN_BYTES;
  const bins = load<u32>(column + COLUMN_CELLS) - 1;
  const hasMissing = load<u32>(column + COLUMN_HAS_MISSING) != 0;
  const rights = scoresOf(feature, false);
  const lefts = scoresOf(feature, true);
  const cuts = hasMissing ? bins : bins - 1;
  for (let bin: u32 = 0; bin < cuts; bin++) {
    offer(load<f64>(rights + (bin << 3)), feature, bin, false, report);
    // Missing values and all others on the left would leave the right side empty.
    if (hasMissing && bin < bins - 1) offer(load<f64>(lefts + (bin << 3)), feature, bin, true, report);
  }
}

function offer(score: f64, feature: i32, bin: u32, missingLeft: bool, report: usize): void {
  if (!isBetter(score, feature, report)) return;
  store<f64>(report + SPLIT_SCORE, score);
  store<i32>(report + SPLIT_FEATURE, feature);
  store<u32>(report + SPLIT_LAST_LEFT, bin);
  store<u32>(report + SPLIT_MISSING_LEFT, u32(missingLeft));
}

/** Applies the newest test to all nodes of the level. */
function divideLevel(last: bool): void {
  childCount = 0;
  for (let index: u32 = 0; index < nodeCount; index++) divideNode(nodeAt(index), last);
  const swap = nodes;
  nodes = children;
  children = swap;
  nodeCount = childCount;
}

function divideNode(node: usize, last: bool): void {
  const test = levels + (levelCount - 1) * NODE_BYTES;
  const left = children + childCount * NODE_BYTES;
  const right = left + NODE_BYTES;
  clearNode(left, NODE_BYTES);
  clearNode(right, NODE_BYTES);
  if (!last) requireHistogram(node);
  const known = hasHistogram(node);
  // Read before the barrier in partRows: beyond it, a faster thread may turn the histogram into a child's.
  const cells = known ? leftCells(node, test) : f64x2.splat(0);
  const missingLeft = load<u32>(test + NODE_MISSING_LEFT) != 0;
  partRows(node, load<i32>(test + NODE_FEATURE), load<u32>(test + NODE_LAST_LEFT), missingLeft, !known);
  shareRows(node, left, right);
  const sums = known ? cells : leftSums(node);
  v128.store(left + NODE_GRADIENT, sums);
  v128.store(right + NODE_GRADIENT, f64x2.sub(v128.load(node + NODE_GRADIENT), sums));
  const path = load<u32>(node + NODE_LEFT);
  store<u32>(left + NODE_LEFT, path);
  store<u32>(right + NODE_LEFT, path | (1 << (levelCount - 1)));
  store<u32>(left + NODE_OPEN, u32(!last && isOpen(node) && rowsOf(left) > 0 && maySplit(left)));
  store<u32>(right + NODE_OPEN, u32(!last && isOpen(node) && rowsOf(right) > 0 && maySplit(right)));
  divideHistogram(node, left, right);
  for (let place = shareBegin(placeCount()); place < shareEnd(placeCount()); place++) settleDivided(place);
  barrier();
  endDivision();
  if (isOpen(left)) keepIfRoom(left);
  if (isOpen(right)) keepIfRoom(right);
  if (rowsOf(left) == 0) memory.copy(left, right, NODE_BYTES);
  else if (rowsOf(right) > 0) childCount++;
  childCount++;
}

/** Sums of the rows a test sends left, from the histogram: exact, so equal to those of the rows themselves. */
function leftCells(node: usize, test: usize): v128 {
  const feature = load<u32>(test + NODE_FEATURE);
  const cells = cellsOf(histogramOf(node), feature);
  const missing = load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CELLS) - 1;
  let sum = load<u32>(test + NODE_MISSING_LEFT) != 0 ? v128.load(cells + (missing << 4)) : f64x2.splat(0);
  for (let bin: u32 = 0; bin < missing && bin <= load<u32>(test + NODE_LAST_LEFT); bin++) {
    sum = f64x2.add(sum, v128.load(cells + (bin << 4)));
  }
  return sum;
}

/** Sets the values of the leaves and adds them to the margins. */
function finish(): void {
  for (let index: u32 = 0; index < nodeCount; index++) {
    const leaf = nodeAt(index);
    const step = load<f64>(LEARNING_RATE) * -load<f64>(leaf + NODE_GRADIENT);
    store<f64>(leaf + NODE_VALUE, step / (load<f64>(leaf + NODE_CURVATURE) + load<f64>(L2)));
  }
  settleLeaves(nodes, nodeCount, true);
  addToMargins();
  if (thread != 0) return;
  store<u32>(GROWN, nodeCount);
  store<usize>(GROWN_NODES, nodes);
  store<usize>(GROWN_LEVELS, levels);
  store<u32>(GROWN_LEVEL_COUNT, levelCount);
}

function addToMargins(): void {
  const rows = load<u32>(ROWS);
  const checkRows = load<u32>(CHECK_ROWS);
  const isWhole = load<u32>(DRAWN) == rows;
  if (isWhole) {
    for (let index: u32 = 0; index < nodeCount; index++) addLeaf(nodeAt(index));
    if (checkRows == 0) return;
  }
  // Values by path, in the room of the next level.
  memory.fill(children, 0, 8 << levelCount);
  for (let index: u32 = 0; index < nodeCount; index++) {
    store<f64>(children + (load<u32>(nodeAt(index) + NODE_LEFT) << 3), load<f64>(nodeAt(index) + NODE_VALUE));
  }
  if (!isWhole) addToRows(shareBegin(rows), shareEnd(rows));
  addToRows(rows + shareBegin(checkRows), rows + shareEnd(checkRows));
}

/** Adds the values at the paths of rows begin..end, parted or not. */
function addToRows(begin: u32, end: u32): void {
  for (let row = begin; row < end; row++) {
    let path: u32 = 0;
    for (let level: u32 = 0; level < levelCount; level++) {
      path |= u32(goesRight(levels + level * NODE_BYTES, row)) << level;
    }
    addToMargin(row, load<f64>(children + (path << 3)));
  }
}
