/** What boosting minimises, and the grid its gradients lie on; kernels/gradient.ts differentiates it. */
import { exp, log } from '../stats/elementary.ts';

/** Finest grid gradients are rounded to; sums of multiples of it are exact in doubles below 2^23. */
const FINEST_GRID_BITS = 30;
/** Bits of a double's significand that sums may use, one kept for the sign of a difference. */
const SUM_BITS = 52;
/**
 * 1.5 × 2^52 × the grid step: adding and subtracting it rounds to the grid. The step is a power of two, 2^-30 unless
 * `totalWeight` is so large that sums of all rows would not be exact.
 */
export function gridRounder(totalWeight: number): number {
  let bits = SUM_BITS;
  for (let bound = 1; bound < totalWeight; bound *= 2) bits--;
  return 1.5 * 2 ** (52 - Math.min(FINEST_GRID_BITS, bits));
}

/** The constant margin of least loss: the log-odds of the weighted fraud rate. */
export function baseMargin(labels: Uint8Array, weights: Float64Array): number {
  let fraud = 0;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    total += weights[row]!;
    if (labels[row] === 1) fraud += weights[row]!;
  }
  if (fraud === 0 || fraud === total) throw new RangeError('labels: need both fraud and genuine rows');
  return log(fraud / (total - fraud));
}

/** Mean loss of margins, by weight. */
export function meanLogLoss(margins: Float64Array, labels: Uint8Array, weights: Float64Array): number {
  let loss = 0;
  let total = 0;
  for (let row = 0; row < margins.length; row++) {
    const towards = labels[row] === 1 ? margins[row]! : -margins[row]!;
    // log(1 + e^−x), without overflow.
    loss += weights[row]! * (Math.max(0, -towards) + log(1 + exp(-Math.abs(towards))));
    total += weights[row]!;
  }
  return loss / total;
}
