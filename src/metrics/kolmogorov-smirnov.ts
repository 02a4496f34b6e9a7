/** Kolmogorov–Smirnov distance between the scores of frauds and of genuine payments. */
import { requireBothClasses } from './check.ts';
import { type RankedCounts } from './ranked-counts.ts';

/** max |TPR − FPR| over all thresholds, in [0, 1]. RangeError without both classes. */
export function kolmogorovSmirnov(counts: RankedCounts): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  requireBothClasses('Kolmogorov–Smirnov', positives, negatives);
  let largest = 0;
  for (let i = 0; i < truePositives.length; i++) {
    largest = Math.max(largest, Math.abs(truePositives[i]! / positives - falsePositives[i]! / negatives));
  }
  return largest;
}
