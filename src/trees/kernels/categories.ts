/** Finds the best test of a node on a feature whose codes have no order: which of them go left. */
import {
  CATEGORIES_PER_SIDE,
  CATEGORY_ROOM_BYTES,
  CATEGORY_SMOOTHING,
  COLUMN_BYTES,
  COLUMN_CATEGORICAL,
  COLUMN_CELLS,
  COLUMNS,
  L2,
  MINIMUM_CHILD_WEIGHT,
  NODE_FEATURE,
  NODE_GRADIENT,
  NODE_LEFT_CURVATURE,
  NODE_LEFT_GRADIENT,
  NODE_MISSING_LEFT,
  NODE_CURVATURE,
  NODE_SET,
  PRIVATE_BYTES,
  PRIVATES,
  SET_BYTES,
  SPLIT_FEATURE,
  SPLIT_LEFT_GRADIENT,
  SPLIT_MISSING_LEFT,
  SPLIT_SCORE,
  SPLIT_SET,
} from '../job.ts';
import { cellsOf } from './histogram.ts';
import { isBetter } from './reports.ts';
import { thread } from './team.ts';

/*
 * Of all sets, the best one is a beginning of the categories in the order of gradient over second derivative: proved for
 * squared loss, of which a Newton step is a case. Source: W. Fisher, On grouping for maximum homogeneity, 1958.
 */

/** Bytes from the codes of a thread's room to their keys. */
const KEYS: usize = 1_024;

/** The best test so far: how many of the sorted codes go left, and what else does. */
let topScore: f64 = 0;
let topCount: u32 = 0;
let topMissingLeft: bool = false;
let topLeft: v128 = f64x2.splat(0);

export function isCategorical(feature: u32): bool {
  return load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CATEGORICAL) != 0;
}

/** Whether a code is in the set at an address. */
export function isIn(set: usize, code: u32): bool {
  return (((<u32>load<u8>(set + (code >> 3))) >> (code & 7)) & 1) != 0;
}

function include(set: usize, code: u32): void {
  const byte = set + (code >> 3);
  store<u8>(byte, <u8>((<u32>load<u8>(byte)) | (1 << (code & 7))));
}

/** Betters `split` by the tests of one feature on `node`; only scores above `floor` count. */
export function searchCategories(feature: u32, node: usize, histogram: usize, floor: f64, split: usize): void {
  const cells = cellsOf(histogram, feature);
  const bins = load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CELLS) - 1;
  const room = load<usize>(PRIVATES) + (thread + 1) * load<usize>(PRIVATE_BYTES) - CATEGORY_ROOM_BYTES;
  const count = sortCodes(cells, bins, room);
  const missing = v128.load(cells + ((<usize>bins) << 4));
  const seen = f64x2.extract_lane(missing, 1) != 0;
  topScore = floor;
  topCount = 0;
  scan(cells, room, count, seen ? count : count - 1, f64x2.splat(0), node, false);
  if (seen) scan(cells, room, count, count - 1, missing, node, true);
  if (topCount == 0 || !isBetter(topScore, <i32>feature, split)) return;
  store<f64>(split + SPLIT_SCORE, topScore);
  store<i32>(split + SPLIT_FEATURE, <i32>feature);
  store<i32>(split + SPLIT_MISSING_LEFT, <i32>topMissingLeft);
  v128.store(split + SPLIT_LEFT_GRADIENT, topLeft);
  memory.fill(split + SPLIT_SET, 0, SET_BYTES);
  for (let place: u32 = 0; place < topCount; place++) include(split + SPLIT_SET, load<u32>(room + (place << 2)));
}

/** Sorts the codes that the node has by gradient over smoothed second derivative, equal ones by code. */
function sortCodes(cells: usize, bins: u32, room: usize): u32 {
  const smoothing = load<f64>(CATEGORY_SMOOTHING);
  let count: u32 = 0;
  for (let code: u32 = 0; code < bins; code++) {
    const cell = cells + ((<usize>code) << 4);
    const curvature = load<f64>(cell, 8);
    if (curvature == 0) continue;
    const key = load<f64>(cell) / (curvature + smoothing);
    let place = count++;
    for (; place > 0 && load<f64>(room + KEYS + ((place - 1) << 3)) > key; place--) {
      store<f64>(room + KEYS + (place << 3), load<f64>(room + KEYS + ((place - 1) << 3)));
      store<u32>(room + (place << 2), load<u32>(room + ((place - 1) << 2)));
    }
    store<f64>(room + KEYS + (place << 3), key);
    store<u32>(room + (place << 2), code);
  }
  return count;
}

/** Tries the first 1 to `most` of the sorted codes on the left, beside what is in `left` already. */
function scan(cells: usize, room: usize, count: u32, most: i32, left: v128, node: usize, missingLeft: bool): void {
  const whole = v128.load(node + NODE_GRADIENT);
  // Choosing a set is choosing among many: the smoothing pays for that here too.
  const penalty = f64x2.splat(load<f64>(L2) + load<f64>(CATEGORY_SMOOTHING));
  const least = load<f64>(MINIMUM_CHILD_WEIGHT);
  const widest = load<u32>(CATEGORIES_PER_SIDE);
  for (let place: i32 = 0; place < most; place++) {
    const code = load<u32>(room + (place << 2));
    left = f64x2.add(left, v128.load(cells + ((<usize>code) << 4)));
    const lefts = <u32>place + 1;
    if (min(lefts, count - lefts) > widest) continue;
    const right = f64x2.sub(whole, left);
    const gradients = i64x2.shuffle(left, right, 0, 2);
    const curvatures = i64x2.shuffle(left, right, 1, 3);
    const scores = f64x2.div(f64x2.mul(gradients, gradients), f64x2.add(curvatures, penalty));
    const score = f64x2.extract_lane(scores, 0) + f64x2.extract_lane(scores, 1);
    if (score <= topScore) continue;
    const rightCurvature = f64x2.extract_lane(right, 1);
    if (f64x2.extract_lane(left, 1) < least || rightCurvature < least || rightCurvature <= 0) continue;
    topScore = score;
    topCount = lefts;
    topMissingLeft = missingLeft;
    topLeft = left;
  }
}

/**
 * Turns a node's test so that missing values go left: to the side they resemble, or the heavier one where there are none.
 * With them go the codes that the node has not seen, and all that will ever be unknown.
 */
export function finishCategories(node: usize, histogram: usize): void {
  const feature = load<u32>(node + NODE_FEATURE);
  const cells = cellsOf(histogram, feature);
  const bins = load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CELLS) - 1;
  const set = node + NODE_SET;
  const sums = v128.load(node + NODE_GRADIENT);
  const left = v128.load(node + NODE_LEFT_GRADIENT);
  const seen = load<f64>(cells + ((<usize>bins) << 4), 8) != 0;
  const leftCurvature = load<f64>(node + NODE_LEFT_CURVATURE);
  const isHeavier = leftCurvature >= load<f64>(node + NODE_CURVATURE) - leftCurvature;
  if (!(seen ? load<u32>(node + NODE_MISSING_LEFT) != 0 : isHeavier)) {
    v128.store(set, v128.not(v128.load(set)));
    v128.store(set, v128.not(v128.load(set, 16)), 16);
    v128.store(node + NODE_LEFT_GRADIENT, f64x2.sub(sums, left));
  }
  store<u32>(node + NODE_MISSING_LEFT, 1);
  for (let code: u32 = 0; code <= bins; code++) {
    if (code == bins || load<f64>(cells + ((<usize>code) << 4), 8) == 0) include(set, code);
  }
}
