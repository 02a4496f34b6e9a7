/** How the amounts of a user's newest payments spread: deviation, median, percentile, largest, and this one's rank. */
import { type EntityView, WEEK } from './entity-view.ts';
import * as profile from './profile.ts';

/** Minor units; NaN when there is no payment. */
export interface AmountSpread {
  /** Payments walked. */
  length: number;
  /** Payments of the very same amount. */
  sameAmount: number;
  /** Share of payments of smaller amount. */
  smaller: number;
  largest: number;
  /** Standard deviation (population) of those in 7 days. */
  deviation7d: number;
  /** Lower median and 95th percentile (nearest rank) of the newest AMOUNT_LIMIT. */
  median: number;
  percentile95: number;
  /** The largest of those in 7 days, and how many of them are above LARGE times the median. */
  largest7d: number;
  large7d: number;
}

/** So many times their median few customers pay of their own will: 1 in 200 where amounts are normal with half the mean as deviation. */
export const LARGE = 2.5;
/** Payments whose amounts give median and percentile. */
export const AMOUNT_LIMIT = 64;
/** The 95th percentile, nearest rank, of n ≤ 64 amounts is one of the four largest. */
const LARGEST = 4;
/** Of fewer amounts than this, it is the largest. */
const LARGEST_IS_95TH = 20;

/** A walk over the payments from `oldest` to the view's end, which sets the amounts' part of `out`. */
export function createAmountWalk(
  limit: number,
): (user: EntityView, oldest: number, amountMinor: number, out: AmountSpread) => void {
  // prettier-ignore
  const amounts = new Float64Array(limit);
  const sorted = new Float64Array(AMOUNT_LIMIT);
  const top = new Float64Array(LARGEST);
  return (user, oldest, amountMinor, out) => {
    const length = user.end - oldest;
    const { doubles, entries, entryWords } = user.cursor;
    let at = entries + (user.end - 1) * entryWords + profile.ENTRY_AMOUNT;
    let upTo = length === 0 ? 0 : doubles[at]!;
    let smaller = 0;
    let same = 0;
    let largest = NaN;
    for (let k = 0; k < length; k++) {
      at -= entryWords;
      const before = k === length - 1 ? profile.amountBefore(user.cursor, oldest) : doubles[at]!;
      const amount = upTo - before;
      upTo = before;
      amounts[k] = amount;
      if (k < AMOUNT_LIMIT) sorted[k] = amount;
      if (amount < amountMinor) smaller++;
      else if (amount === amountMinor) same++;
      if (!(amount <= largest)) largest = amount;
    }
    const taken = Math.min(length, AMOUNT_LIMIT);
    out.length = length;
    out.sameAmount = same;
    out.largest = largest;
    out.smaller = length === 0 ? NaN : smaller / length;
    const inWeek = user.end - Math.max(user.from[WEEK]!, oldest);
    out.deviation7d = deviation(amounts, inWeek);
    out.percentile95 = length < LARGEST_IS_95TH ? largest : percentile95(amounts, taken, top);
    out.median = length === 0 ? NaN : median(sorted, taken);
    readLarge(amounts, inWeek, out);
  };
}

/** The largest of the first `length` amounts, and how many are large. */
function readLarge(amounts: Float64Array, length: number, out: AmountSpread): void {
  const bound = LARGE * out.median;
  let largest = NaN;
  let large = 0;
  for (let i = 0; i < length; i++) {
    const amount = amounts[i]!;
    if (!(amount <= largest)) largest = amount;
    if (amount > bound) large++;
  }
  out.largest7d = largest;
  out.large7d = large;
}

/** Population standard deviation of the first `length` values; NaN for none. */
function deviation(values: Float64Array, length: number): number {
  if (length === 0) return NaN;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += values[i]!;
  const mean = sum / length;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (values[i]! - mean) * (values[i]! - mean);
  return Math.sqrt(squares / length);
}

/** The ⌈0.95·n⌉-th smallest of the first n ≤ 64 values. */
function percentile95(values: Float64Array, length: number, top: Float64Array): number {
  const rank = length - Math.ceil(0.95 * length); // 0 the largest .. 3
  for (let k = 0; k <= rank; k++) top[k] = -1;
  for (let i = 0; i < length; i++) {
    let value = values[i]!;
    if (value <= top[rank]!) continue;
    for (let k = 0; k <= rank; k++) {
      const held = top[k]!;
      if (value > held) {
        top[k] = value;
        value = held;
      }
    }
  }
  return top[rank]!;
}

/** The lower median of the first `length` values, which it reorders. Source: C. A. R. Hoare, "FIND", 1961. */
function median(values: Float64Array, length: number): number {
  const k = (length - 1) >> 1;
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const held = values[i]!;
        values[i++] = values[j]!;
        values[j--] = held;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}
