/** How far apart two distributions over the same bins are. */

/**
 * Half the sum of the differences of shares: 0 when the shares are equal, 1 when no bin holds both; what share of one
 * sample would have to change its bin to look like the other. NaN when either is empty.
 */
export function totalVariation(a: readonly number[], b: readonly number[]): number {
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const [ofA, ofB] = [total(a), total(b)];
  if (ofA === 0 || ofB === 0) return NaN;
  return a.reduce((sum, count, bin) => sum + Math.abs(count / ofA - (b[bin] ?? 0) / ofB), 0) / 2;
}
