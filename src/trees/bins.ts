/** Cuts each feature into bins that stay fine in the tails, and codes every value by its bin. */
import { MOST_BINS } from './params.ts';

/**
 * A bin holds at most this share of the rows that lie between it and the nearer end of the column, so the largest
 * (and smallest) values keep a relative resolution in rank that equal-frequency bins lose. Doubled until the tails
 * leave a fair share of the bins to the middle.
 */
const FINEST_TAIL_SHARE = 0.1;
/** Share of the bins that narrowing towards the ends may cost. */
const MOST_TAIL_BINS = 0.5;
/** Halvings of the bracket around the width of the middle bins: resolves it to below one row in 2^24. */
const BISECTIONS = 24;

/** Codes of the whole training set. A code counts the cuts ≤ x; a missing value has the code `cuts.length + 1`. */
export interface BinnedColumns {
  readonly rows: number;
  /** Ascending thresholds of each feature, [features]; a constant feature has none. */
  readonly cuts: readonly Float64Array[];
  /** Column-major codes, [features][rows]. */
  readonly codes: readonly (Uint8Array | Uint16Array)[];
}

/** The threshold between neighbours a < b: their middle, or b where doubles leave no room between. */
function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle > a && middle <= b ? middle : b;
}

/** Closes a bin as soon as it is as wide as its place allows; returns the index of each bin's last distinct value. */
function closeBins(
  counts: Uint32Array,
  distinct: number,
  rows: number,
  tailShare: number,
  middleWidth: number,
  most: number,
): number[] {
  const ends: number[] = [];
  let before = 0;
  let inBin = 0;
  for (let index = 0; index < distinct - 1; index++) {
    inBin += counts[index]!;
    const after = rows - before - inBin;
    const tail = tailShare * Math.min(before + inBin, after);
    const next = counts[index + 1]!;
    // A bin that the next value would overfill is closed early, so heavy values keep bins of their own.
    const width = Math.min(middleWidth, Math.max(1, tail));
    if (inBin >= width || inBin + next / 2 > width) {
      ends.push(index);
      if (ends.length > most) return ends;
      before += inBin;
      inBin = 0;
    }
  }
  return ends;
}

/**
 * Cuts of one column into at most `maximumBins` bins, missing values apart: one bin a distinct value while they last,
 * else equal-frequency bins in the middle that narrow towards both ends down to single rows.
 */
export function cutColumn(column: Float64Array, maximumBins: number): Float64Array {
  const sorted = column.filter((x) => !Number.isNaN(x)).sort();
  const rows = sorted.length;
  const counts = new Uint32Array(rows);
  let distinct = 0;
  for (let row = 0; row < rows; row++) {
    if (row === 0 || sorted[row] !== sorted[distinct - 1]) sorted[distinct++] = sorted[row]!;
    counts[distinct - 1]!++;
  }
  const ends = distinct <= maximumBins ? Array.from({ length: distinct - 1 }, (_, index) => index) : search();

  /** The narrowest middle bins that fit, beside tails no finer than their share of the bins allows. */
  function search(): number[] {
    const most = maximumBins - 1;
    const close = (tailShare: number, width: number, limit: number): number[] =>
      closeBins(counts, distinct, rows, tailShare, width, limit);
    let tailShare = FINEST_TAIL_SHARE;
    let best = close(tailShare, rows, most);
    for (; best.length > MOST_TAIL_BINS * most; best = close(tailShare, rows, most)) tailShare *= 2;
    let [narrow, wide] = [0, rows];
    for (let step = 0; step < BISECTIONS && wide - narrow > 0.5; step++) {
      const middleWidth = (narrow + wide) / 2;
      const tried = close(tailShare, middleWidth, most);
      if (tried.length <= most) [wide, best] = [middleWidth, tried];
      else narrow = middleWidth;
    }
    return best;
  }
  return Float64Array.from(ends, (index) => between(sorted[index]!, sorted[index + 1]!));
}

/** How many of `cuts` are ≤ x; for NaN the missing code. */
export function codeOf(cuts: Float64Array, x: number): number {
  if (Number.isNaN(x)) return cuts.length + 1;
  if (cuts.length === 0) return 0;
  // Halves the range without a branch on the value, which would be guessed wrong half of the time.
  let low = 0;
  for (let size = cuts.length; size > 1;) {
    const half = size >>> 1;
    low += half * +(cuts[low + half - 1]! <= x);
    size -= half;
  }
  return low + +(cuts[low]! <= x);
}

/** Codes a column by `cuts`: one byte a value where that suffices, else two. */
export function codeColumn(column: Float64Array, cuts: Float64Array): Uint8Array | Uint16Array {
  const codes = cuts.length + 1 <= 255 ? new Uint8Array(column.length) : new Uint16Array(column.length);
  for (let row = 0; row < column.length; row++) codes[row] = codeOf(cuts, column[row]!);
  return codes;
}

/** Cuts and codes all columns; `maximumBins` up to 65,535. */
export function binColumns(columns: readonly Float64Array[], maximumBins: number): BinnedColumns {
  if (maximumBins < 2 || maximumBins > MOST_BINS) throw new RangeError(`invalid maximumBins: ${maximumBins}`);
  const cuts = columns.map((column) => cutColumn(column, maximumBins));
  const codes = columns.map((column, feature) => codeColumn(column, cuts[feature]!));
  return { rows: columns[0]?.length ?? 0, cuts, codes };
}
