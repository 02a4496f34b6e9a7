/** The confusion matrix at one threshold, and the rates read from it. */
import { requireSameLength, weightOf } from './check.ts';

/** Sums of row weights (numbers of rows when all weigh 1); flagged means score ≥ threshold. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export function confusionAt(
  labels: Uint8Array,
  scores: Float64Array,
  threshold: number,
  weights?: Float64Array,
): Confusion {
  requireSameLength('confusion matrix', labels, scores);
  let truePositives = 0;
  let falsePositives = 0;
  let trueNegatives = 0;
  let falseNegatives = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weightOf(weights, row);
    if (scores[row]! >= threshold) {
      if (labels[row] === 1) truePositives += weight;
      else falsePositives += weight;
    } else if (labels[row] === 1) falseNegatives += weight;
    else trueNegatives += weight;
  }
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
}

/** A ratio that is 0 when its denominator is, as scikit-learn's `zero_division=0`. */
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

/** Share of payments judged rightly. */
export function accuracy({ truePositives, falsePositives, trueNegatives, falseNegatives }: Confusion): number {
  return ratio(truePositives + trueNegatives, truePositives + falsePositives + trueNegatives + falseNegatives);
}

/** Share of the flagged that are frauds; 0 when none is flagged. */
export function precision({ truePositives, falsePositives }: Confusion): number {
  return ratio(truePositives, truePositives + falsePositives);
}

/** Share of the frauds that are flagged; 0 when there is none. */
export function recall({ truePositives, falseNegatives }: Confusion): number {
  return ratio(truePositives, truePositives + falseNegatives);
}

/** Share of the genuine payments that are flagged; 0 when there is none. */
export function falsePositiveRate({ falsePositives, trueNegatives }: Confusion): number {
  return ratio(falsePositives, falsePositives + trueNegatives);
}

/** Precision and recall combined, recall counting β times as much; 0 when nothing is right. */
export function fBeta({ truePositives, falsePositives, falseNegatives }: Confusion, beta: number): number {
  const square = beta * beta;
  return ratio((1 + square) * truePositives, (1 + square) * truePositives + square * falseNegatives + falsePositives);
}

/** The harmonic mean of precision and recall. */
export function f1(confusion: Confusion): number {
  return fBeta(confusion, 1);
}
