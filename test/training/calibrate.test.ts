/** The choice between Platt and isotonic calibration. */
import { describe, expect, it } from 'vitest';
import { exp } from '../../src/stats/elementary.ts';
import { createRandom } from '../../src/stats/random.ts';
import { chooseCalibration, probabilitiesOf } from '../../src/training/calibrate.ts';

/** Margins evenly spread over [−4, 4], labels drawn with the given probability. */
function drawn(rows: number, probability: (margin: number) => number): [Float64Array, Uint8Array] {
  const random = createRandom(11);
  const margins = Float64Array.from({ length: rows }, () => 8 * random.next() - 4);
  return [margins, Uint8Array.from(margins, (margin) => (random.next() < probability(margin) ? 1 : 0))];
}

describe('chooseCalibration', () => {
  it('takes Platt where a logistic curve is the truth', () => {
    const chosen = chooseCalibration(...drawn(2_000, (margin) => 1 / (1 + exp(2 - 1.5 * margin))));
    expect(chosen.method).toBe('platt');
    expect(chosen.logLoss.platt).toBeLessThan(chosen.logLoss.isotonic);
    expect(chosen.calibrator.apply(2)).toBeCloseTo(1 / (1 + exp(-1)), 1);
  });

  it('takes isotonic where the truth is a step', () => {
    const chosen = chooseCalibration(...drawn(4_000, (margin) => (margin > 0 ? 0.4 : 0.05)));
    expect(chosen.method).toBe('isotonic');
    expect(chosen.calibrator.apply(3)).toBeCloseTo(0.4, 1);
    expect(chosen.calibrator.apply(-3)).toBeCloseTo(0.05, 1);
  });

  it('takes Platt where one class is too rare to compare', () => {
    const chosen = chooseCalibration(Float64Array.of(-1, 0, 1, 2), Uint8Array.of(0, 0, 0, 1));
    expect(chosen.method).toBe('platt');
    expect(chosen.logLoss.platt).toBeNaN();
  });

  it('never lets a probability fall where the margin rises', () => {
    const [margins, labels] = drawn(500, (margin) => (margin > 1 ? 0.5 : 0.1));
    const probabilities = probabilitiesOf(chooseCalibration(margins, labels).calibrator, margins.toSorted());
    for (let i = 1; i < probabilities.length; i++) {
      expect(probabilities[i]!).toBeGreaterThanOrEqual(probabilities[i - 1]!);
    }
  });
});
