/** Losses: gradients agree with finite differences and lie on the grid. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp } from '../../src/stats/elementary.ts';
import { baseMargin, gridRounder, meanLogLoss } from '../../src/trees/objective.ts';
import { roundsOf } from '../support/tree-kernels.ts';

const STEP = 1e-5;

function lossOf(margin: number, label: number, gamma: number): number {
  const right = label === 1 ? 1 / (1 + Math.exp(-margin)) : 1 / (1 + Math.exp(margin));
  return -((1 - right) ** gamma) * Math.log(right);
}

/** Gradient and second derivative of each row. */
function pairsOf(
  margins: Float64Array,
  labels: Uint8Array,
  focalGamma: number,
  weights?: Float64Array<ArrayBuffer>,
): Float64Array {
  const rounds = roundsOf([margins], labels, { focalGamma }, weights);
  rounds.margins().set(margins);
  rounds.differentiate();
  return rounds.pairs().slice();
}

function pairOf(margin: number, label: number, gamma: number, weight = 1): [number, number] {
  const pairs = pairsOf(Float64Array.of(margin), Uint8Array.of(label), gamma, Float64Array.of(weight));
  return [pairs[0]!, pairs[1]!];
}

describe('the gradient', () => {
  it('is the slope of the loss, logistic and focal', () => {
    const margin = fc.double({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(margin, fc.constantFrom(0, 1), fc.constantFrom(0, 0.5, 2, 5), (at, label, gamma) => {
        const slope = (lossOf(at + STEP, label, gamma) - lossOf(at - STEP, label, gamma)) / (2 * STEP);
        const [gradient, curvature] = pairOf(at, label, gamma);
        expect(gradient).toBeCloseTo(slope, 7);
        expect(curvature).toBeGreaterThan(0);
      }),
    );
  });

  it('has the bits of the elementary functions, for margins near and far', () => {
    const margins = Float64Array.from({ length: 2_001 }, (_, row) => (row - 1_000) * 0.75 * Math.cos(row));
    const labels = Uint8Array.from(margins, (_, row) => row % 2);
    const pairs = pairsOf(margins, labels, 0);
    margins.forEach((margin, row) => {
      const probability = margin >= 0 ? 1 / (1 + exp(-margin)) : 1 - 1 / (1 + exp(margin));
      const rounder = 1.5 * 2 ** 22;
      expect(pairs[2 * row]).toBe(probability - labels[row]! + rounder - rounder);
      const curvature = probability * (1 - probability) + rounder - rounder;
      expect(pairs[2 * row + 1]).toBe(Math.max(2 ** -30, curvature));
    });
  });

  it('scales with the weight', () => {
    expect(pairOf(0, 1, 0, 3)).toEqual([-1.5, 0.75]);
  });

  it('lies on a grid so coarse that all sums are exact in any order', () => {
    const rows = 5_000;
    const margins = Float64Array.from({ length: rows }, (_, row) => Math.sin(row) * 5);
    const pairs = pairsOf(margins, new Uint8Array(rows), 0);
    const forwards = pairs.reduce((sum, x) => sum + x, 0);
    expect(pairs.reduceRight((sum, x) => sum + x, 0)).toBe(forwards);
    expect((pairs[0]! * 2 ** 30) % 1).toBe(0);
  });

  it('gets a coarser grid when the total weight is large', () => {
    expect(gridRounder(2 ** 22)).toBe(1.5 * 2 ** 22);
    expect(gridRounder(2 ** 30)).toBe(1.5 * 2 ** 30);
  });
});

describe('the base margin', () => {
  it('is the log-odds of the weighted fraud rate', () => {
    expect(baseMargin(Uint8Array.of(1, 0, 0), Float64Array.of(2, 1, 1))).toBe(0);
  });

  it('is refused when one class is absent', () => {
    expect(() => baseMargin(Uint8Array.of(0, 0), Float64Array.of(1, 1))).toThrow('both fraud');
  });
});

it('mean log loss is log 2 at margin 0, and finite far out', () => {
  expect(meanLogLoss(Float64Array.of(0, 0), Uint8Array.of(0, 1), Float64Array.of(1, 1))).toBeCloseTo(Math.LN2, 14);
  expect(meanLogLoss(Float64Array.of(-1e4), Uint8Array.of(1), Float64Array.of(1))).toBe(1e4);
});
