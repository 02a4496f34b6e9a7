/** How far stated probabilities are from what happened: log loss and Brier score. */
import { log } from '../stats/elementary.ts';
import { requireSameLength, weightOf } from './check.ts';

/** Probabilities are kept this far from 0 and 1. Source: scikit-learn 1.5 `log_loss`, the spacing of doubles at 1. */
const CLIP = 2 ** -52;

/** Mean −ln of the probability given to what happened, nats. */
export function logLoss(labels: Uint8Array, probabilities: Float64Array, weights?: Float64Array): number {
  requireSameLength('log loss', labels, probabilities);
  let sum = 0;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weightOf(weights, row);
    const fraud = Math.min(1 - CLIP, Math.max(CLIP, probabilities[row]!));
    sum -= weight * log(labels[row] === 1 ? fraud : 1 - fraud);
    total += weight;
  }
  return sum / total;
}

/** Mean squared distance between probability and label, in [0, 1]. Source: G. Brier, 1950. */
export function brierScore(labels: Uint8Array, probabilities: Float64Array, weights?: Float64Array): number {
  requireSameLength('Brier score', labels, probabilities);
  let sum = 0;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weightOf(weights, row);
    const distance = probabilities[row]! - labels[row]!;
    sum += weight * distance * distance;
    total += weight;
  }
  return sum / total;
}
