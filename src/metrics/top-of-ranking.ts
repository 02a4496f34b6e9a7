/** Quality where an analyst looks: the top of the ranking, bounded by false alarms or by number. */
import { requireBothClasses } from './check.ts';
import { type RankedCounts } from './ranked-counts.ts';

/** The largest recall reached by a threshold whose false-positive rate is ≤ `fpr`; 0 when none is. No interpolation. */
export function recallAtFpr(counts: RankedCounts, fpr: number): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  requireBothClasses('recall at fixed FPR', positives, negatives);
  let recall = 0;
  for (let i = 0; i < truePositives.length && falsePositives[i]! <= fpr * negatives; i++) {
    recall = truePositives[i]! / positives;
  }
  return recall;
}

/**
 * The share of frauds among the `k` highest scores; rows tied at the last places share them evenly, which is the
 * expectation over random orders. RangeError unless 0 < k ≤ rows.
 */
export function precisionAtK(counts: RankedCounts, k: number): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  if (!(k > 0 && k <= positives + negatives)) {
    throw new RangeError(`precision at k: k is ${k} but there are ${positives + negatives} rows`);
  }
  let lastTrue = 0;
  let lastAll = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const all = truePositives[i]! + falsePositives[i]!;
    if (all >= k) {
      const share = (k - lastAll) / (all - lastAll);
      return (lastTrue + share * (truePositives[i]! - lastTrue)) / k;
    }
    lastTrue = truePositives[i]!;
    lastAll = all;
  }
  return positives / k;
}
