/** Choosing how margins become probabilities: Platt or isotonic, whichever errs less on rows it has not seen. */
import { type Calibrator } from '../learners/calibration/calibrator.ts';
import { fitIsotonic } from '../learners/calibration/isotonic.ts';
import { fitPlatt } from '../learners/calibration/platt.ts';
import { logLoss } from '../metrics/probability-loss.ts';

const CALIBRATIONS = ['platt', 'isotonic'] as const;
export type Calibration = (typeof CALIBRATIONS)[number];

const FITS: Readonly<Record<Calibration, (margins: Float64Array, labels: Uint8Array) => Calibrator>> = {
  platt: fitPlatt,
  isotonic: fitIsotonic,
};

export interface ChosenCalibration {
  readonly method: Calibration;
  readonly calibrator: Calibrator;
  /** Log loss on the half each was not fitted on, nats. */
  readonly logLoss: Readonly<Record<Calibration, number>>;
}

/** Probabilities of margins. */
export function probabilitiesOf(calibrator: Calibrator, margins: Float64Array): Float64Array {
  return margins.map((margin) => calibrator.apply(margin));
}

/**
 * Fits each method on one half of the rows and measures it on the other, both ways round; the winner is then fitted
 * on all. Rows are dealt to the halves in turn within each class, so that both halves know both classes; with a
 * single row of a class there is nothing to compare and Platt is taken.
 */
export function chooseCalibration(margins: Float64Array, labels: Uint8Array): ChosenCalibration {
  const halves = halvesOf(labels);
  const losses = CALIBRATIONS.map((method) => {
    let sum = 0;
    halves.forEach((fitRows, half) => {
      const testRows = halves[1 - half]!;
      const take = (rows: readonly number[]): [Float64Array, Uint8Array] => [
        Float64Array.from(rows, (row) => margins[row]!),
        Uint8Array.from(rows, (row) => labels[row]!),
      ];
      const frauds = fitRows.reduce((count, row) => count + labels[row]!, 0);
      if (frauds === 0 || frauds === fitRows.length || testRows.length === 0) {
        sum = NaN;
        return;
      }
      const [testMargins, testLabels] = take(testRows);
      sum += testRows.length * logLoss(testLabels, probabilitiesOf(FITS[method](...take(fitRows)), testMargins));
    });
    return sum / labels.length;
  });
  const [platt, isotonic] = [losses[0]!, losses[1]!];
  const method = isotonic < platt ? 'isotonic' : 'platt';
  return { method, calibrator: FITS[method](margins, labels), logLoss: { platt, isotonic } };
}

function halvesOf(labels: Uint8Array): [number[], number[]] {
  const halves: [number[], number[]] = [[], []];
  const dealt = [0, 0];
  labels.forEach((label, row) => halves[(dealt[label]!++ % 2) as 0 | 1].push(row));
  return halves;
}
