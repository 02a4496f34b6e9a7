/** Finds the best test of a node from its histogram. */
import { type HistogramLayout } from './histogram.ts';

export interface SplitRules {
  readonly l2: number;
  readonly minimumChildWeight: number;
  /** Loss a split must save. */
  readonly minimumGain: number;
  /** 1, -1 or 0 (free) of each feature; undefined when none is constrained. */
  readonly monotone: Int8Array | undefined;
}

/** Sums over a node's rows, and the bounds that monotone constraints above it put on its value. */
export interface NodeSums {
  readonly gradient: number;
  readonly curvature: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Split {
  readonly feature: number;
  /** Values with a code up to this go left. */
  readonly lastLeft: number;
  readonly missingLeft: boolean;
  /** Loss saved: half of what (Σg)²/(Σh + l2) gains. */
  readonly gain: number;
  readonly leftGradient: number;
  readonly leftCurvature: number;
}

/** The value that lowers a node's loss most, within its bounds. */
export function nodeValue(sums: NodeSums, l2: number): number {
  const best = -sums.gradient / (sums.curvature + l2);
  return Math.min(sums.upper, Math.max(sums.lower, best));
}

/** Whether a node of this curvature can be parted at all: each child must keep the least weight. */
export function maySplit(curvature: number, { minimumChildWeight }: Pick<SplitRules, 'minimumChildWeight'>): boolean {
  return curvature >= 2 * minimumChildWeight;
}

interface Best {
  feature: number;
  lastLeft: number;
  missingLeft: boolean;
  score: number;
  leftGradient: number;
  leftCurvature: number;
}

/** The best split on `features`, the first of equals; undefined when none saves more than `minimumGain`. */
export function findSplit(
  layout: HistogramLayout,
  cells: Float64Array,
  features: Int32Array,
  sums: NodeSums,
  rules: SplitRules,
): Split | undefined {
  const parentScore = (sums.gradient * sums.gradient) / (sums.curvature + rules.l2);
  const best: Best = {
    feature: -1,
    lastLeft: 0,
    missingLeft: false,
    score: parentScore + 2 * rules.minimumGain,
    leftGradient: 0,
    leftCurvature: 0,
  };
  for (const feature of features) {
    const first = layout.start[feature]!;
    const bins = layout.start[feature + 1]! - first - 1;
    if (bins < 1) continue;
    const direction = rules.monotone?.[feature] ?? 0;
    const missing = 2 * (first + bins);
    const scan = rules.monotone === undefined ? scanFree : scanMonotone;
    if (cells[missing + 1] === 0) {
      scan(cells, first, bins - 1, 0, 0, sums, rules, direction, feature, false, best);
    } else {
      scan(cells, first, bins, 0, 0, sums, rules, direction, feature, false, best);
      scan(cells, first, bins - 1, cells[missing]!, cells[missing + 1]!, sums, rules, direction, feature, true, best);
    }
  }
  return best.feature < 0 ? undefined : finish(layout, cells, sums, best, parentScore);
}

/** Tries each cut of one feature, rows of bins 0..c (and, given their sums, the missing) going left. */
function scanFree(
  cells: Float64Array,
  first: number,
  cuts: number,
  missingGradient: number,
  missingCurvature: number,
  sums: NodeSums,
  rules: SplitRules,
  _direction: number,
  feature: number,
  missingLeft: boolean,
  best: Best,
): void {
  const { gradient, curvature } = sums;
  const { l2, minimumChildWeight } = rules;
  let leftGradient = missingGradient;
  let leftCurvature = missingCurvature;
  let top = best.score;
  for (let bin = 0, cell = 2 * first; bin < cuts; bin++, cell += 2) {
    const added = cells[cell + 1]!;
    if (added === 0) continue;
    leftGradient += cells[cell]!;
    leftCurvature += added;
    const rightCurvature = curvature - leftCurvature;
    if (rightCurvature < minimumChildWeight || rightCurvature <= 0) break;
    if (leftCurvature < minimumChildWeight) continue;
    const rightGradient = gradient - leftGradient;
    const score =
      (leftGradient * leftGradient) / (leftCurvature + l2) + (rightGradient * rightGradient) / (rightCurvature + l2);
    if (score > top) {
      top = score;
      best.score = score;
      best.feature = feature;
      best.lastLeft = bin;
      best.missingLeft = missingLeft;
      best.leftGradient = leftGradient;
      best.leftCurvature = leftCurvature;
    }
  }
}

/** The same within the node's bounds, refusing splits whose values would run against `direction`. */
function scanMonotone(
  cells: Float64Array,
  first: number,
  cuts: number,
  missingGradient: number,
  missingCurvature: number,
  sums: NodeSums,
  rules: SplitRules,
  direction: number,
  feature: number,
  missingLeft: boolean,
  best: Best,
): void {
  const { gradient, curvature, lower, upper } = sums;
  const { l2, minimumChildWeight } = rules;
  const left = { gradient: missingGradient, curvature: missingCurvature, lower, upper };
  const right = { gradient: 0, curvature: 0, lower, upper };
  for (let bin = 0, cell = 2 * first; bin < cuts; bin++, cell += 2) {
    if (cells[cell + 1] === 0) continue;
    left.gradient += cells[cell]!;
    left.curvature += cells[cell + 1]!;
    right.gradient = gradient - left.gradient;
    right.curvature = curvature - left.curvature;
    if (right.curvature < minimumChildWeight || right.curvature <= 0) break;
    if (left.curvature < minimumChildWeight) continue;
    const leftValue = nodeValue(left, l2);
    const rightValue = nodeValue(right, l2);
    if (direction * (rightValue - leftValue) < 0) continue;
    const score = boundedScore(left, leftValue, l2) + boundedScore(right, rightValue, l2);
    if (score > best.score) {
      best.score = score;
      best.feature = feature;
      best.lastLeft = bin;
      best.missingLeft = missingLeft;
      best.leftGradient = left.gradient;
      best.leftCurvature = left.curvature;
    }
  }
}

/** Twice the loss saved by giving a node `value`; equals (Σg)²/(Σh + l2) at the free optimum. */
function boundedScore(sums: NodeSums, value: number, l2: number): number {
  return -(2 * sums.gradient * value + (sums.curvature + l2) * value * value);
}

/** Moves the cut to the middle of the empty bins after it, and settles where missing values go. */
function finish(layout: HistogramLayout, cells: Float64Array, sums: NodeSums, best: Best, parentScore: number): Split {
  const first = layout.start[best.feature]!;
  const bins = layout.start[best.feature + 1]! - first - 1;
  let next = best.lastLeft + 1;
  while (next < bins && cells[2 * (first + next) + 1] === 0) next++;
  // Only missing values on the right: every value goes left, also those never seen.
  const lastLeft = next === bins ? bins - 1 : (best.lastLeft + next - 1) >> 1;
  const missingSeen = cells[2 * (first + bins) + 1] !== 0;
  const leftIsHeavier = best.leftCurvature >= sums.curvature - best.leftCurvature;
  return {
    feature: best.feature,
    lastLeft,
    missingLeft: missingSeen ? best.missingLeft : leftIsHeavier,
    gain: (best.score - parentScore) / 2,
    leftGradient: best.leftGradient,
    leftCurvature: best.leftCurvature,
  };
}
