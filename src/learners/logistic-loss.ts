/** The loss of a logistic regression and its gradient, over rows that lie one behind the other. */
import { exp, log } from '../stats/elementary.ts';
import { type Smooth } from './lbfgs.ts';

/** [rows × width], row by row, so that a pass over the rows reads memory once and in order. */
export interface RowMajor {
  readonly cells: Float64Array;
  readonly width: number;
}

export interface WeightedRows extends RowMajor {
  /** [rows] 1 fraud, 0 genuine. */
  readonly labels: Uint8Array;
  /** [rows] each row's share of the whole weight. */
  readonly shares: Float64Array;
}

/** Rows that are worked on together, step by step: they stay in the processor's nearest memory meanwhile. */
const BLOCK_ROWS = 64;

/**
 * The weighted mean logistic loss plus half the squared penalty, of `width` coefficients and behind them the intercept,
 * which is not penalised.
 */
export function meanLoss({ cells, width, labels, shares }: WeightedRows, squarePenalty: number): Smooth {
  const block = new Float64Array(BLOCK_ROWS);
  return (point, gradient) => {
    let loss = 0;
    gradient.fill(0);
    for (let start = 0; start < labels.length; start += BLOCK_ROWS) {
      const slopes = block.subarray(0, Math.min(BLOCK_ROWS, labels.length - start));
      marginsOf({ cells, width }, start, point, slopes);
      for (let index = 0; index < slopes.length; index++) {
        const margin = slopes[index]!;
        const label = labels[start + index]!;
        const share = shares[start + index]!;
        const decay = exp(-Math.abs(margin));
        const probability = (margin >= 0 ? 1 : decay) / (1 + decay);
        loss += share * (Math.max(0, label === 1 ? -margin : margin) + log(1 + decay));
        slopes[index] = share * (probability - label);
        gradient[width] = gradient[width]! + slopes[index]!;
      }
      addScaledRows({ cells, width }, start, slopes, gradient);
    }
    for (let place = 0; place < width; place++) {
      gradient[place] = gradient[place]! + squarePenalty * point[place]!;
      loss += (squarePenalty * point[place]! * point[place]!) / 2;
    }
    return loss;
  };
}

/*
 * No destructuring below: V8 makes it twice as slow in loops like these.
 */

/**
 * Writes the margins of the rows from `start` on. Four sums of a row side by side, since each addition would else wait
 * for the one before.
 */
function marginsOf({ cells, width }: RowMajor, start: number, point: Float64Array, margins: Float64Array): void {
  let at = start * width;
  for (let row = 0; row < margins.length; row++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let place = 0;
    for (; place + 3 < width; place += 4, at += 4) {
      a += cells[at]! * point[place]!;
      b += cells[at + 1]! * point[place + 1]!;
      c += cells[at + 2]! * point[place + 2]!;
      d += cells[at + 3]! * point[place + 3]!;
    }
    for (; place < width; place++, at++) a += cells[at]! * point[place]!;
    margins[row] = point[width]! + (a + b + (c + d));
  }
}

/** Adds to `sums` the rows from `start` on, each times its factor; four at a time, so that a sum is read and written less. */
export function addScaledRows(
  { cells, width }: RowMajor,
  start: number,
  factors: Float64Array,
  sums: Float64Array,
): void {
  let row = 0;
  let first = start * width;
  for (; row + 3 < factors.length; row += 4, first += 3 * width) {
    const f = factors[row]!;
    const g = factors[row + 1]!;
    const h = factors[row + 2]!;
    const i = factors[row + 3]!;
    let second = first + width;
    let third = second + width;
    let fourth = third + width;
    for (let place = 0; place < width; place++, first++, second++, third++, fourth++) {
      sums[place] = sums[place]! + f * cells[first]! + g * cells[second]! + h * cells[third]! + i * cells[fourth]!;
    }
  }
  for (; row < factors.length; row++) {
    const factor = factors[row]!;
    for (let place = 0; place < width; place++, first++) sums[place] = sums[place]! + factor * cells[first]!;
  }
}
