/** Points of the ROC and precision–recall curves, thinned for drawing. */
import { requireBothClasses } from './check.ts';
import { type RankedCounts } from './ranked-counts.ts';

export interface RocPoint {
  readonly falsePositiveRate: number;
  readonly recall: number;
  /** Rows scoring ≥ this are flagged; +∞ at the origin. */
  readonly threshold: number;
}

export interface PrecisionRecallPoint {
  readonly recall: number;
  readonly precision: number;
  readonly threshold: number;
}

/** All points of the ROC curve from (0, 0) to (1, 1). */
export function rocCurve(counts: RankedCounts): readonly RocPoint[] {
  const { thresholds, truePositives, falsePositives, positives, negatives } = counts;
  requireBothClasses('ROC curve', positives, negatives);
  const points: RocPoint[] = [{ falsePositiveRate: 0, recall: 0, threshold: Infinity }];
  thresholds.forEach((threshold, i) =>
    points.push({
      falsePositiveRate: falsePositives[i]! / negatives,
      recall: truePositives[i]! / positives,
      threshold,
    }),
  );
  return points;
}

/** All points of the precision–recall curve by falling threshold, beginning at recall 0 with precision 1. */
export function precisionRecallCurve(counts: RankedCounts): readonly PrecisionRecallPoint[] {
  const { thresholds, truePositives, falsePositives, positives, negatives } = counts;
  requireBothClasses('precision–recall curve', positives, negatives);
  const points: PrecisionRecallPoint[] = [{ recall: 0, precision: 1, threshold: Infinity }];
  thresholds.forEach((threshold, i) =>
    points.push({
      recall: truePositives[i]! / positives,
      precision: truePositives[i]! / (truePositives[i]! + falsePositives[i]!),
      threshold,
    }),
  );
  return points;
}

/**
 * At most about `limit` of the points, so that no drawn position moves by more than 1 / limit in x or y; the first
 * and last always stay.
 */
export function thinned<P>(
  points: readonly P[],
  x: (point: P) => number,
  y: (point: P) => number,
  limit: number,
): readonly P[] {
  const step = 1 / limit;
  const kept: P[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const far = last === undefined || Math.abs(x(point) - x(last)) >= step || Math.abs(y(point) - y(last)) >= step;
    if (far || i === points.length - 1) kept.push(point);
  });
  return kept;
}
