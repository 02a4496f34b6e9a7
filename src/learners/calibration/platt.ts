/** Platt scaling: a logistic curve through the margins of a calibration period. */
import { exp, log } from '../../stats/elementary.ts';
import { damaged, readNumber } from '../fields.ts';
import { type Calibrator, type CalibratorDocument } from './calibrator.ts';

const MOST_STEPS = 200;
/** Newton decrement at which the curve counts as found. */
const TOLERANCE = 1e-14;
const MOST_HALVINGS = 60;
/** A spread below this share of the margins' size is rounding: they are all equal. */
const ROUNDING = 1e-9;
/** Keeps the 2×2 system solvable when all margins are equal. */
const RIDGE = 1e-12;

/** The calibrator 1 / (1 + exp(−(slope·margin + intercept))); a falling curve is refused as RangeError. */
export function createPlatt(slope: number, intercept: number): Calibrator {
  if (!(slope >= 0)) throw new RangeError(`invalid slope: ${slope} (larger margins must mean more fraud)`);
  return {
    kind: 'platt',
    apply: (margin) => 1 / (1 + exp(-(slope * margin + intercept))),
    toDocument: () => ({ kind: 'platt', slope, intercept }),
  };
}

/**
 * Fits slope and intercept to smoothed targets, so that few frauds do not make certainty.
 * Source: Platt, Probabilistic outputs for support vector machines, 1999; Lin, Lin & Weng, A note on Platt's
 * probabilistic outputs, 2007 (Newton with halving).
 */
export function fitPlatt(margins: Float64Array, labels: Uint8Array): Calibrator {
  // Centred and scaled, margins that are all equal, or huge, leave the 2×2 system well conditioned.
  const mean = margins.reduce((sum, x) => sum + x, 0) / margins.length;
  const deviation = Math.sqrt(margins.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / margins.length);
  const isFlat = deviation <= ROUNDING * Math.abs(mean);
  const { slope, intercept } = fitScaled(
    margins.map((x) => (isFlat ? 0 : (x - mean) / deviation)),
    labels,
  );
  if (slope > 0) return createPlatt(slope / deviation, intercept - (slope / deviation) * mean);
  // Margins that rank the wrong way say nothing: a flat curve at the mean target.
  const fraud = labels.reduce((sum, label) => sum + label, 0);
  const { fraud: high, genuine: low } = targetsOf(fraud, labels.length - fraud);
  const rate = (fraud * high + (labels.length - fraud) * low) / labels.length;
  return createPlatt(0, log(rate / (1 - rate)));
}

function fitScaled(margins: Float64Array, labels: Uint8Array): { readonly slope: number; readonly intercept: number } {
  const fraud = labels.reduce((sum, label) => sum + label, 0);
  const genuine = labels.length - fraud;
  if (fraud === 0 || genuine === 0) throw new RangeError('labels: need both fraud and genuine rows');
  const targets = targetsOf(fraud, genuine);
  let slope = 0;
  let intercept = log((fraud + 1) / (genuine + 1));
  let loss = lossOf(margins, labels, targets, slope, intercept);
  for (let step = 0; step < MOST_STEPS; step++) {
    const [moveSlope, moveIntercept, decrement] = newtonStep(margins, labels, targets, slope, intercept);
    if (decrement < TOLERANCE * labels.length) break;
    let length = 1;
    let halvings = 0;
    for (; halvings < MOST_HALVINGS; halvings++, length /= 2) {
      const reached = lossOf(margins, labels, targets, slope + length * moveSlope, intercept + length * moveIntercept);
      if (reached >= loss) continue;
      [slope, intercept, loss] = [slope + length * moveSlope, intercept + length * moveIntercept, reached];
      break;
    }
    if (halvings === MOST_HALVINGS) break;
  }
  return { slope, intercept };
}

/** Platt's smoothed targets. */
const targetsOf = (fraud: number, genuine: number): Targets => ({
  fraud: (fraud + 1) / (fraud + 2),
  genuine: 1 / (genuine + 2),
});

interface Targets {
  readonly fraud: number;
  readonly genuine: number;
}

function lossOf(margins: Float64Array, labels: Uint8Array, targets: Targets, slope: number, intercept: number): number {
  let loss = 0;
  for (let row = 0; row < margins.length; row++) {
    const z = slope * margins[row]! + intercept;
    const target = labels[row] === 1 ? targets.fraud : targets.genuine;
    loss += log(1 + exp(-Math.abs(z))) + (z >= 0 ? (1 - target) * z : -target * z);
  }
  return loss;
}

/** Newton's move of slope and intercept, and the decrease it promises. */
function newtonStep(
  margins: Float64Array,
  labels: Uint8Array,
  targets: Targets,
  slope: number,
  intercept: number,
): [number, number, number] {
  let [gradientSlope, gradientIntercept, aa, ab, bb] = [0, 0, RIDGE, 0, RIDGE];
  for (let row = 0; row < margins.length; row++) {
    const margin = margins[row]!;
    const probability = 1 / (1 + exp(-(slope * margin + intercept)));
    const error = probability - (labels[row] === 1 ? targets.fraud : targets.genuine);
    const weight = probability * (1 - probability);
    gradientSlope += error * margin;
    gradientIntercept += error;
    aa += weight * margin * margin;
    ab += weight * margin;
    bb += weight;
  }
  const determinant = aa * bb - ab * ab;
  const moveSlope = -(bb * gradientSlope - ab * gradientIntercept) / determinant;
  const moveIntercept = -(aa * gradientIntercept - ab * gradientSlope) / determinant;
  return [moveSlope, moveIntercept, -(moveSlope * gradientSlope + moveIntercept * gradientIntercept)];
}

/** The calibrator of a document; throws when a field is damaged. */
export function plattFromDocument(document: CalibratorDocument): Calibrator {
  const slope = readNumber(document, 'slope');
  if (slope < 0) throw damaged('slope', 'is negative');
  return createPlatt(slope, readNumber(document, 'intercept'));
}
