/** Quantiles of sorted numbers. */

/**
 * The `share`-quantile of rising `sorted`, interpolated linearly between order statistics; NaN when empty.
 * Source: R. Hyndman and Y. Fan, 1996, definition 7 (NumPy's default).
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return NaN;
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low === high ? low : low + (high - low) * (place - below);
}
