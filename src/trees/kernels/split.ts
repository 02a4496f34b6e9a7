/** Finds the best test of a node from its histogram. */
import {
  COLUMN_BYTES,
  COLUMN_CELLS,
  COLUMN_DIRECTION,
  COLUMN_DRAWN,
  COLUMNS,
  CONSTRAINED,
  L2,
  MEMBER_BYTES,
  MEMBER_FEATURE,
  MEMBERS,
  MINIMUM_CHILD_WEIGHT,
  MINIMUM_GAIN,
  NODE_CURVATURE,
  NODE_FEATURE,
  NODE_GRADIENT,
  NODE_LAST_LEFT,
  NODE_LEFT_CURVATURE,
  NODE_LOWER,
  NODE_MISSING_LEFT,
  NODE_UPPER,
  PLACE_BYTES,
  PLACE_COUNT,
  PLACE_FIRST,
  PLACES,
  SPLIT_FEATURE,
  SPLIT_LAST_LEFT,
  SPLIT_LEFT_GRADIENT,
  SPLIT_MISSING_LEFT,
  SPLIT_SCORE,
} from '../job.ts';
import { finishCategories, isCategorical, searchCategories } from './categories.ts';
import { cellsOf } from './histogram.ts';
import { isBetter } from './reports.ts';

/** The best split so far of the feature being scanned; bin -1 for none. */
let topScore: f64 = 0;
let topBin: i32 = -1;
let topMissingLeft: bool = false;
let topLeft: v128 = f64x2.splat(0);

/** What a node scores unsplit: (Σg)² / (Σh + l2). */
export function scoreOf(node: usize): f64 {
  const gradient = load<f64>(node + NODE_GRADIENT);
  return (gradient * gradient) / (load<f64>(node + NODE_CURVATURE) + load<f64>(L2));
}

/** Whether a node can be parted at all: each child must keep the least weight. */
export function maySplit(node: usize): bool {
  return load<f64>(node + NODE_CURVATURE) >= 2 * load<f64>(MINIMUM_CHILD_WEIGHT);
}

/** The value that lowers a loss of these sums most, within bounds. */
export function boundedValue(gradient: f64, curvature: f64, lower: f64, upper: f64): f64 {
  return min(upper, max(lower, -gradient / (curvature + load<f64>(L2))));
}

/** Empties a report: only a score above this counts. */
export function clearSplit(split: usize, node: usize): void {
  store<f64>(split + SPLIT_SCORE, scoreOf(node) + 2 * load<f64>(MINIMUM_GAIN));
  store<i32>(split + SPLIT_FEATURE, -1);
}

/** Betters `split` by the tests of one place's features on `node`, which has this histogram. */
export function searchPlace(place: u32, node: usize, histogram: usize, split: usize): void {
  const record = load<usize>(PLACES) + place * PLACE_BYTES;
  const members = load<usize>(MEMBERS) + load<u32>(record + PLACE_FIRST) * MEMBER_BYTES;
  for (let index: u32 = 0; index < load<u32>(record + PLACE_COUNT); index++) {
    searchFeature(load<u32>(members + index * MEMBER_BYTES + MEMBER_FEATURE), node, histogram, split);
  }
}

function searchFeature(feature: u32, node: usize, histogram: usize, split: usize): void {
  const column = load<usize>(COLUMNS) + feature * COLUMN_BYTES;
  if (load<u32>(column + COLUMN_DRAWN) == 0) return;
  const floor = scoreOf(node) + 2 * load<f64>(MINIMUM_GAIN);
  if (isCategorical(feature)) {
    searchCategories(feature, node, histogram, floor, split);
    return;
  }
  const cells = cellsOf(histogram, feature);
  const bins = load<u32>(column + COLUMN_CELLS) - 1;
  const missing = v128.load(cells + ((<usize>bins) << 4));
  topScore = floor;
  topBin = -1;
  const none = f64x2.splat(0);
  const seen = f64x2.extract_lane(missing, 1) != 0;
  if (load<u32>(CONSTRAINED) == 0) {
    scanFree(cells, seen ? bins : bins - 1, none, node, false);
    if (seen) scanFree(cells, bins - 1, missing, node, true);
  } else {
    const direction = <f64>load<i32>(column + COLUMN_DIRECTION);
    scanMonotone(cells, seen ? bins : bins - 1, none, node, direction, false);
    if (seen) scanMonotone(cells, bins - 1, missing, node, direction, true);
  }
  if (topBin < 0 || !isBetter(topScore, <i32>feature, split)) return;
  store<f64>(split + SPLIT_SCORE, topScore);
  store<i32>(split + SPLIT_FEATURE, <i32>feature);
  store<i32>(split + SPLIT_LAST_LEFT, topBin);
  store<i32>(split + SPLIT_MISSING_LEFT, <i32>topMissingLeft);
  v128.store(split + SPLIT_LEFT_GRADIENT, topLeft);
}

/** Tries each cut of one feature, rows of bins 0..c (and those in `left` already) going left. */
function scanFree(cells: usize, cuts: u32, left: v128, node: usize, missingLeft: bool): void {
  const whole = v128.load(node + NODE_GRADIENT);
  const l2 = f64x2.splat(load<f64>(L2));
  const least = load<f64>(MINIMUM_CHILD_WEIGHT);
  let top = topScore;
  const end = cells + ((<usize>cuts) << 4);
  for (let cell = cells; cell < end; cell += 16) {
    left = f64x2.add(left, v128.load(cell));
    const right = f64x2.sub(whole, left);
    const gradients = i64x2.shuffle(left, right, 0, 2);
    const curvatures = i64x2.shuffle(left, right, 1, 3);
    const scores = f64x2.div(f64x2.mul(gradients, gradients), f64x2.add(curvatures, l2));
    const score = f64x2.extract_lane(scores, 0) + f64x2.extract_lane(scores, 1);
    // An empty bin repeats the score before it, which is not above itself.
    if (score > top) {
      const leftCurvature = f64x2.extract_lane(left, 1);
      const rightCurvature = f64x2.extract_lane(right, 1);
      if (leftCurvature < least || rightCurvature < least || rightCurvature <= 0) continue;
      top = score;
      topBin = <i32>((cell - cells) >> 4);
      topMissingLeft = missingLeft;
      topLeft = left;
    }
  }
  topScore = top;
}

/** The same within the node's bounds, refusing splits whose values would run against `direction`. */
function scanMonotone(cells: usize, cuts: u32, left: v128, node: usize, direction: f64, missingLeft: bool): void {
  const whole = v128.load(node + NODE_GRADIENT);
  const lower = load<f64>(node + NODE_LOWER);
  const upper = load<f64>(node + NODE_UPPER);
  const l2 = load<f64>(L2);
  const least = load<f64>(MINIMUM_CHILD_WEIGHT);
  for (let bin: u32 = 0; bin < cuts; bin++) {
    const cell = v128.load(cells + ((<usize>bin) << 4));
    if (f64x2.extract_lane(cell, 1) == 0) continue;
    left = f64x2.add(left, cell);
    const right = f64x2.sub(whole, left);
    const leftGradient = f64x2.extract_lane(left, 0);
    const leftCurvature = f64x2.extract_lane(left, 1);
    const rightGradient = f64x2.extract_lane(right, 0);
    const rightCurvature = f64x2.extract_lane(right, 1);
    if (rightCurvature < least || rightCurvature <= 0) return;
    if (leftCurvature < least) continue;
    const leftValue = boundedValue(leftGradient, leftCurvature, lower, upper);
    const rightValue = boundedValue(rightGradient, rightCurvature, lower, upper);
    if (direction * (rightValue - leftValue) < 0) continue;
    const score =
      boundedScore(leftGradient, leftCurvature, leftValue, l2) +
      boundedScore(rightGradient, rightCurvature, rightValue, l2);
    if (score > topScore) {
      topScore = score;
      topBin = <i32>bin;
      topMissingLeft = missingLeft;
      topLeft = left;
    }
  }
}

/** Twice the loss saved by giving these sums `value`; equals (Σg)² / (Σh + l2) at the free optimum. */
function boundedScore(gradient: f64, curvature: f64, value: f64, l2: f64): f64 {
  return -(2 * gradient * value + (curvature + l2) * value * value);
}

/** Moves a node's cut to the middle of the empty bins after it, and settles where missing values go. */
export function finishSplit(node: usize, histogram: usize): void {
  const feature = load<u32>(node + NODE_FEATURE);
  if (isCategorical(feature)) {
    finishCategories(node, histogram);
    return;
  }
  const cells = cellsOf(histogram, feature);
  const bins = load<u32>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CELLS) - 1;
  const bin = load<u32>(node + NODE_LAST_LEFT);
  let next = bin + 1;
  while (next < bins && load<f64>(cells + ((<usize>next) << 4), 8) == 0) next++;
  // Only missing values on the right: every value goes left, also those never seen.
  store<u32>(node + NODE_LAST_LEFT, next == bins ? bins - 1 : (bin + next - 1) >> 1);
  if (load<f64>(cells + ((<usize>bins) << 4), 8) != 0) return;
  const leftCurvature = load<f64>(node + NODE_LEFT_CURVATURE);
  const rightCurvature = load<f64>(node + NODE_CURVATURE) - leftCurvature;
  store<u32>(node + NODE_MISSING_LEFT, u32(leftCurvature >= rightCurvature));
}
