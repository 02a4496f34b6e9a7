/** Cuts a feature into bins that stay fine in the tails. */

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

/**
 * Up to this share the places where a bin may close come one after another, so the first is found by halving; a share
 * above one half could let a heavy value hide one.
 */
const MOST_SEARCHED_SHARE = 0.4;

/** The values of a column in ascending order, missing ones apart. */
export interface DistinctValues {
  readonly values: Float64Array;
  /** Rows of each value and all below it, as long as `values`. */
  readonly rowsUpTo: Uint32Array;
}

/** The threshold between neighbours a < b: their middle, or b where doubles leave no room between. */
function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle > a && middle <= b ? middle : b;
}

/**
 * Closes a bin as soon as it is as wide as its place allows; returns the index of each bin's last value, and stops
 * beyond `most` of them.
 */
function closeBins({ rowsUpTo }: DistinctValues, tailShare: number, middleWidth: number, most: number): number[] {
  const last = rowsUpTo.length - 1;
  const rows = rowsUpTo[last]!;
  const ends: number[] = [];
  let before = 0;
  const closesAt = (index: number): boolean => {
    const upTo = rowsUpTo[index]!;
    const width = Math.min(middleWidth, Math.max(1, tailShare * Math.min(upTo, rows - upTo)));
    // A bin that the next value would overfill is closed early, so heavy values keep bins of their own.
    return upTo - before >= width || upTo - before + (rowsUpTo[index + 1]! - upTo) / 2 > width;
  };
  for (let index = 0; index < last && ends.length <= most;) {
    const end = tailShare > MOST_SEARCHED_SHARE ? next(index, last, closesAt) : firstWhere(index, last, closesAt);
    if (end === last) break;
    ends.push(end);
    before = rowsUpTo[end]!;
    index = end + 1;
  }
  return ends;
}

/** The first index from `begin` on where `holds`, or `end`; looks at each. */
function next(begin: number, end: number, holds: (index: number) => boolean): number {
  let index = begin;
  while (index < end && !holds(index)) index++;
  return index;
}

/** The same where `holds` stays true once it is: strides of doubled length, then halving. */
function firstWhere(begin: number, end: number, holds: (index: number) => boolean): number {
  let low = begin;
  let high = begin;
  for (let stride = 1; high < end && !holds(high); stride *= 2) {
    low = high + 1;
    high = Math.min(end, high + stride);
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Cuts a column into at most `maximumBins` bins, missing values apart: one bin a distinct value while they last, else
 * equal-frequency bins in the middle that narrow towards both ends down to single rows. Returns the thresholds between
 * bins, ascending; the code of a value is the number of cuts ≤ it, and values below cut c have codes up to c.
 */
export function cutValues(distinct: DistinctValues, maximumBins: number): Float64Array {
  const { values } = distinct;
  const ends =
    values.length <= maximumBins
      ? Array.from({ length: Math.max(0, values.length - 1) }, (_, index) => index)
      : narrowestBins(distinct, maximumBins - 1);
  return Float64Array.from(ends, (index) => between(values[index]!, values[index + 1]!));
}

/** The narrowest middle bins that fit, beside tails no finer than their share of the bins allows. */
function narrowestBins(distinct: DistinctValues, most: number): number[] {
  const rows = distinct.rowsUpTo.at(-1)!;
  let tailShare = FINEST_TAIL_SHARE;
  let best = closeBins(distinct, tailShare, rows, most);
  for (; best.length > MOST_TAIL_BINS * most; best = closeBins(distinct, tailShare, rows, most)) tailShare *= 2;
  let [narrow, wide] = [0, rows];
  for (let step = 0; step < BISECTIONS && wide - narrow > 0.5; step++) {
    const middleWidth = (narrow + wide) / 2;
    const tried = closeBins(distinct, tailShare, middleWidth, most);
    if (tried.length <= most) [wide, best] = [middleWidth, tried];
    else narrow = middleWidth;
  }
  return best;
}
