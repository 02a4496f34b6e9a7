/** Frauds and genuine payments at or above each score: what every ranking metric and curve is read from. */
import { requireSameLength } from './check.ts';

/** One entry a distinct score, falling; counts are sums of row weights (numbers of rows when all weigh 1). */
export interface RankedCounts {
  /** Distinct scores, falling; rows scoring ≥ thresholds[i] are counted in entry i. */
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Sorts once and returns a function that counts with any row weights in O(rows). Its arrays are reused by the next
 * call. RangeError when lengths differ, there are no rows or a score is NaN.
 */
export function createRankedCounter(
  labels: Uint8Array,
  scores: Float64Array,
): (weights?: Float64Array) => RankedCounts {
  requireSameLength('ranking', labels, scores);
  if (scores.some(Number.isNaN)) throw new RangeError('ranking: a score is not a number');
  const rows = labels.length;
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  order.sort((a, b) => (scores[b]! > scores[a]! ? 1 : scores[b]! < scores[a]! ? -1 : a - b));

  const groupOf = new Uint32Array(rows);
  let groups = 0;
  for (let place = 0; place < rows; place++) {
    if (place > 0 && scores[order[place]!] !== scores[order[place - 1]!]) groups++;
    groupOf[place] = groups;
  }
  groups++;
  const thresholds = new Float64Array(groups);
  for (let place = 0; place < rows; place++) thresholds[groupOf[place]!] = scores[order[place]!]!;
  const truePositives = new Float64Array(groups);
  const falsePositives = new Float64Array(groups);

  return (weights) => {
    let positives = 0;
    let negatives = 0;
    for (let place = 0; place < rows; place++) {
      const row = order[place]!;
      const weight = weights === undefined ? 1 : weights[row]!;
      if (labels[row] === 1) positives += weight;
      else negatives += weight;
      const group = groupOf[place]!;
      truePositives[group] = positives;
      falsePositives[group] = negatives;
    }
    return { thresholds, truePositives, falsePositives, positives, negatives };
  };
}

/** The counts of unweighted rows. */
export function rankedCounts(labels: Uint8Array, scores: Float64Array): RankedCounts {
  return createRankedCounter(labels, scores)();
}
