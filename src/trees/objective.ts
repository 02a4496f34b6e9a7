/** What boosting minimises: the logistic loss or its focal form, as a gradient and a second derivative a row. */
import { exp, log } from '../stats/elementary.ts';

/** Finest grid gradients are rounded to; sums of multiples of it are exact in doubles below 2^23. */
const FINEST_GRID_BITS = 30;
/** Bits of a double's significand that sums may use, one kept for the sign of a difference. */
const SUM_BITS = 52;
/** Keeps log(1 − p) finite when p rounds to 1. */
const SMALLEST_PROBABILITY = 2 ** -52;

export interface Objective {
  /** The constant margin of least loss: the log-odds of the weighted fraud rate. */
  baseMargin(labels: Uint8Array, weights: Float64Array): number;
  /** Writes (gradient, second derivative) of each row to `pairs` [2 × rows], on the grid, the second never 0. */
  differentiate(margins: Float64Array, labels: Uint8Array, weights: Float64Array, pairs: Float64Array): void;
}

export function sigmoid(margin: number): number {
  return margin >= 0 ? 1 / (1 + exp(-margin)) : 1 - 1 / (1 + exp(margin));
}

/**
 * 1.5 × 2^52 × the grid step: adding and subtracting it rounds to the grid. The step is a power of two, 2^-30 unless
 * `totalWeight` is so large that sums of all rows would not be exact.
 */
export function gridRounder(totalWeight: number): number {
  let bits = SUM_BITS;
  for (let bound = 1; bound < totalWeight; bound *= 2) bits--;
  return 1.5 * 2 ** (52 - Math.min(FINEST_GRID_BITS, bits));
}

/** `focalGamma` 0 is the logistic loss. Source: Lin et al., Focal Loss for Dense Object Detection, 2017, eq. 4. */
export function createObjective(focalGamma: number): Objective {
  function baseMargin(labels: Uint8Array, weights: Float64Array): number {
    let fraud = 0;
    let total = 0;
    for (let row = 0; row < labels.length; row++) {
      total += weights[row]!;
      if (labels[row] === 1) fraud += weights[row]!;
    }
    if (fraud === 0 || fraud === total) throw new RangeError('labels: need both fraud and genuine rows');
    return log(fraud / (total - fraud));
  }

  function differentiate(margins: Float64Array, labels: Uint8Array, weights: Float64Array, pairs: Float64Array): void {
    let total = 0;
    for (const weight of weights) total += weight;
    const rounder = gridRounder(total * (1 + focalGamma));
    const step = rounder / 1.5 / 2 ** 52;
    for (let row = 0; row < margins.length; row++) {
      const isFraud = labels[row] === 1;
      const probability = sigmoid(margins[row]!);
      let weight = weights[row]!;
      if (focalGamma > 0) weight *= focalWeight(isFraud ? probability : 1 - probability, focalGamma);
      const gradient = weight * (isFraud ? probability - 1 : probability);
      const curvature = weight * probability * (1 - probability);
      pairs[2 * row] = gradient + rounder - rounder;
      pairs[2 * row + 1] = Math.max(step, curvature + rounder - rounder);
    }
  }
  return { baseMargin, differentiate };
}

/**
 * The weight under which a row's logistic loss has the focal loss's gradient, `right` being the probability given to
 * its true class. Its curvature, unlike the focal loss's own, is never negative, so Newton steps stay downhill.
 */
function focalWeight(right: number, gamma: number): number {
  const p = Math.max(right, SMALLEST_PROBABILITY);
  const wrong = Math.max(1 - p, SMALLEST_PROBABILITY);
  // d/dm of −(1−p)^γ log p is −(1−p)^γ (1 − p − γ p log p); divided by the logistic loss's −(1−p).
  return exp(gamma * log(wrong)) * (1 - (gamma * p * log(p)) / wrong);
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
