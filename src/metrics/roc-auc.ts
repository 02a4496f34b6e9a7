/** Area under the receiver operating characteristic: the chance that a fraud outranks a genuine payment. */
import { requireBothClasses } from './check.ts';
import { type RankedCounts } from './ranked-counts.ts';

/** In [0, 1]; a tie counts one half. RangeError without both classes. Source: T. Fawcett, 2006, section 7. */
export function rocAuc(counts: RankedCounts): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  requireBothClasses('ROC-AUC', positives, negatives);
  let area = 0;
  let lastTrue = 0;
  let lastFalse = 0;
  for (let i = 0; i < truePositives.length; i++) {
    area += (falsePositives[i]! - lastFalse) * (truePositives[i]! + lastTrue) * 0.5;
    lastTrue = truePositives[i]!;
    lastFalse = falsePositives[i]!;
  }
  return area / (positives * negatives);
}
