/** What every metric asks of its arrays, and the words it refuses them with. */

/** Two arrays that must be as long as each other; RangeError naming `metric` otherwise. */
export function requireSameLength(metric: string, labels: ArrayLike<number>, other: ArrayLike<number>): void {
  if (labels.length !== other.length) {
    throw new RangeError(`${metric}: ${labels.length} labels but ${other.length} values`);
  }
  if (labels.length === 0) throw new RangeError(`${metric}: no rows`);
}

/** Refuses one-class samples, on which `metric` is not defined. */
export function requireBothClasses(metric: string, positives: number, negatives: number): void {
  if (positives > 0 && negatives > 0) return;
  const lacking = positives > 0 ? 'genuine' : 'fraudulent';
  throw new RangeError(`${metric} is not defined: no ${lacking} payment among ${positives + negatives}`);
}

/** The weight of `row`: 1 when there are no weights. */
export function weightOf(weights: Float64Array | undefined, row: number): number {
  return weights === undefined ? 1 : weights[row]!;
}
