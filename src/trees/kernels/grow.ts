/** Grows one binary tree, leaf by leaf (best first) or level by level; every thread runs the same steps. */
import {
  CHECK_ROWS,
  COLUMN_BYTES,
  COLUMN_DIRECTION,
  COLUMNS,
  DRAWN,
  GROWN,
  GROWN_NODES,
  GROWTH,
  LEAF_WISE,
  LEARNING_RATE,
  MOST_DEPTH,
  MOST_LEAVES,
  NODE_BYTES,
  NODE_CURVATURE,
  NODE_DEPTH,
  NODE_END,
  NODE_FEATURE,
  NODE_GAIN,
  NODE_GRADIENT,
  NODE_LAST_LEFT,
  NODE_LEFT,
  NODE_LEFT_GRADIENT,
  NODE_LOWER,
  NODE_MISSING_LEFT,
  NODE_OPEN,
  NODE_SET,
  NODE_UPPER,
  NODE_VALUE,
  ROWS,
  SET_BYTES,
  SPLIT_BYTES,
  SPLIT_FEATURE,
  SPLIT_LAST_LEFT,
  SPLIT_LEFT_GRADIENT,
  SPLIT_MISSING_LEFT,
  SPLIT_SCORE,
  SPLIT_SET,
} from '../job.ts';
import {
  buildHistogram,
  divideHistogram,
  endDivision,
  partRows,
  placeCount,
  requireHistogram,
  settleDivided,
  shareRows,
  sumRows,
} from './divide.ts';
import { settleLeaves } from './leaves.ts';
import { addLeaf, addToMargin, goesRight } from './margins.ts';
import { clearNode, freeHistogram, histogramOf, isOpen, keepIfRoom, namesOf, startNodes } from './nodes.ts';
import { bestReport, reportOf } from './reports.ts';
import { boundedValue, clearSplit, finishSplit, maySplit, scoreOf, searchPlace } from './split.ts';
import { barrier, shareBegin, shareEnd, thread } from './team.ts';

let nodes: usize = 0;
let used: u32 = 0;
/** Leaves that a split would better, u32 each, the oldest first. */
let open: usize = 0;
let openCount: u32 = 0;

function nodeAt(index: u32): usize {
  return nodes + index * NODE_BYTES;
}

function addNode(): usize {
  const node = nodeAt(used++);
  clearNode(node, NODE_BYTES);
  return node;
}

/** Grows a tree on the rows of `ORDER` and leaves its nodes at `GROWN_NODES`. */
export function growTree(): void {
  const mostLeaves = load<u32>(MOST_LEAVES);
  open = startNodes();
  // Taking the oldest moves the beginning on, so there is room for every node.
  nodes = (open + (mostLeaves << 3) + 15) & ~15;
  used = 0;
  openCount = 0;
  const root = addNode();
  store<u32>(root + NODE_END, load<u32>(DRAWN));
  store<f64>(root + NODE_LOWER, -Infinity);
  store<f64>(root + NODE_UPPER, Infinity);
  v128.store(root + NODE_GRADIENT, sumRows(namesOf(root), load<u32>(DRAWN)));
  store<u32>(root + NODE_OPEN, 1);
  setValue(root);
  buildHistogram(root);
  clearSplit(reportOf(thread), root);
  for (let place = shareBegin(placeCount()); place < shareEnd(placeCount()); place++) {
    searchPlace(place, root, histogramOf(root), reportOf(thread));
  }
  barrier();
  queue(root, 0, 0);
  for (let leaves: u32 = 1; leaves < mostLeaves && openCount > 0; leaves++) splitLeaf(leaves + 1 == mostLeaves);
  settleLeaves(nodes, used, false);
  addToMargins();
  if (thread == 0) {
    store<u32>(GROWN, used);
    store<usize>(GROWN_NODES, nodes);
  }
}

function setValue(node: usize): void {
  const value = boundedValue(
    load<f64>(node + NODE_GRADIENT),
    load<f64>(node + NODE_CURVATURE),
    load<f64>(node + NODE_LOWER),
    load<f64>(node + NODE_UPPER),
  );
  store<f64>(node + NODE_VALUE, load<f64>(LEARNING_RATE) * value);
}

/** Takes the best of all threads' reports on an open node, and queues the node when a split pays. */
function queue(node: usize, index: u32, side: usize): void {
  const best = bestReport(side);
  const feature = load<i32>(best + SPLIT_FEATURE);
  store<i32>(node + NODE_FEATURE, feature);
  if (feature < 0) {
    freeHistogram(node);
    return;
  }
  store<i32>(node + NODE_LAST_LEFT, load<i32>(best + SPLIT_LAST_LEFT));
  store<i32>(node + NODE_MISSING_LEFT, load<i32>(best + SPLIT_MISSING_LEFT));
  store<f64>(node + NODE_GAIN, (load<f64>(best + SPLIT_SCORE) - scoreOf(node)) / 2);
  v128.store(node + NODE_LEFT_GRADIENT, v128.load(best + SPLIT_LEFT_GRADIENT));
  memory.copy(node + NODE_SET, best + SPLIT_SET, SET_BYTES);
  finishSplit(node, histogramOf(node));
  store<u32>(open + (openCount++ << 2), index);
  keepIfRoom(node);
}

/** Takes the leaf to split next from the open ones: the largest gain, or the oldest; the first of equals. */
function takeNext(): usize {
  let next: u32 = 0;
  if (load<u32>(GROWTH) == LEAF_WISE) {
    for (let place: u32 = 1; place < openCount; place++) {
      if (gainAt(place) > gainAt(next)) next = place;
    }
  }
  const node = nodeAt(load<u32>(open + (next << 2)));
  openCount--;
  if (load<u32>(GROWTH) == LEAF_WISE) {
    memory.copy(open + (next << 2), open + ((next + 1) << 2), (openCount - next) << 2);
  } else {
    open += 4;
  }
  return node;
}

function gainAt(place: u32): f64 {
  return load<f64>(nodeAt(load<u32>(open + (place << 2))) + NODE_GAIN);
}

function splitLeaf(last: bool): void {
  const node = takeNext();
  const index = used;
  const left = addNode();
  const right = addNode();
  store<u32>(node + NODE_LEFT, index);
  passSums(node, left, right);
  const depth = load<u32>(node + NODE_DEPTH) + 1;
  const goesOn = !last && depth < load<u32>(MOST_DEPTH);
  prepareChild(left, depth, goesOn);
  prepareChild(right, depth, goesOn);
  if (isOpen(left) || isOpen(right)) requireHistogram(node);
  const missingLeft = load<u32>(node + NODE_MISSING_LEFT) != 0;
  partRows(node, load<i32>(node + NODE_FEATURE), load<u32>(node + NODE_LAST_LEFT), missingLeft, false);
  shareRows(node, left, right);
  divideHistogram(node, left, right);
  const report = reportOf(thread);
  clearSplit(report, left);
  clearSplit(report + SPLIT_BYTES, right);
  for (let place = shareBegin(placeCount()); place < shareEnd(placeCount()); place++) {
    settleDivided(place);
    if (isOpen(left)) searchPlace(place, left, histogramOf(left), report);
    if (isOpen(right)) searchPlace(place, right, histogramOf(right), report + SPLIT_BYTES);
  }
  barrier();
  endDivision();
  if (isOpen(left)) queue(left, index, 0);
  if (isOpen(right)) queue(right, index + 1, SPLIT_BYTES);
}

function prepareChild(child: usize, depth: u32, goesOn: bool): void {
  store<u32>(child + NODE_DEPTH, depth);
  store<u32>(child + NODE_OPEN, u32(goesOn && maySplit(child)));
  setValue(child);
}

/** Sums and bounds of both children; a constrained split bounds all values below it by the middle of its two. */
function passSums(node: usize, left: usize, right: usize): void {
  const sums = v128.load(node + NODE_LEFT_GRADIENT);
  v128.store(left + NODE_GRADIENT, sums);
  v128.store(right + NODE_GRADIENT, f64x2.sub(v128.load(node + NODE_GRADIENT), sums));
  const lower = load<f64>(node + NODE_LOWER);
  const upper = load<f64>(node + NODE_UPPER);
  store<f64>(left + NODE_LOWER, lower);
  store<f64>(left + NODE_UPPER, upper);
  store<f64>(right + NODE_LOWER, lower);
  store<f64>(right + NODE_UPPER, upper);
  const direction = load<i32>(load<usize>(COLUMNS) + load<u32>(node + NODE_FEATURE) * COLUMN_BYTES + COLUMN_DIRECTION);
  if (direction == 0) return;
  const middle = (freeValue(left, lower, upper) + freeValue(right, lower, upper)) / 2;
  store<f64>(left + (direction > 0 ? NODE_UPPER : NODE_LOWER), middle);
  store<f64>(right + (direction > 0 ? NODE_LOWER : NODE_UPPER), middle);
}

function freeValue(node: usize, lower: f64, upper: f64): f64 {
  return boundedValue(load<f64>(node + NODE_GRADIENT), load<f64>(node + NODE_CURVATURE), lower, upper);
}

function addToMargins(): void {
  const rows = load<u32>(ROWS);
  const checkRows = load<u32>(CHECK_ROWS);
  if (load<u32>(DRAWN) == rows) {
    for (let index: u32 = 0; index < used; index++) {
      if (load<u32>(nodeAt(index) + NODE_LEFT) == 0) addLeaf(nodeAt(index));
    }
  } else {
    addToRows(shareBegin(rows), shareEnd(rows));
  }
  addToRows(rows + shareBegin(checkRows), rows + shareEnd(checkRows));
}

/** Adds the values of the leaves that rows begin..end fall in, parted or not. */
function addToRows(begin: u32, end: u32): void {
  for (let row = begin; row < end; row++) {
    let node = nodes;
    for (let left = load<u32>(node + NODE_LEFT); left != 0; left = load<u32>(node + NODE_LEFT)) {
      node = nodeAt(left + u32(goesRight(node, row)));
    }
    addToMargin(row, load<f64>(node + NODE_VALUE));
  }
}
