/** Average precision: precision averaged over the recall it is reached at, the area under the PR steps. */
import { requireBothClasses } from './check.ts';
import { type RankedCounts } from './ranked-counts.ts';

/** Σ (R_n − R_{n−1}) P_n over falling thresholds, in [0, 1]. RangeError without both classes. */
export function averagePrecision(counts: RankedCounts): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  requireBothClasses('average precision', positives, negatives);
  let sum = 0;
  let last = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const gained = truePositives[i]! - last;
    if (gained > 0) sum += (gained * truePositives[i]!) / (truePositives[i]! + falsePositives[i]!);
    last = truePositives[i]!;
  }
  return sum / positives;
}
