/** Calibrators equal scikit-learn's and never fall. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitIsotonic } from '../../../src/learners/calibration/isotonic.ts';
import { createPlatt, fitPlatt } from '../../../src/learners/calibration/platt.ts';
import { calibratorFromDocument } from '../../../src/learners/documents.ts';
import { golden } from '../../support/golden-learners.ts';

const labels = Uint8Array.from(golden.labels);

describe('Platt scaling', () => {
  it('finds scikit-learn’s curve', () => {
    const { slope, intercept } = fitPlatt(Float64Array.from(golden.margins), labels).toDocument() as unknown as {
      slope: number;
      intercept: number;
    };
    // scikit-learn stops its own search at a gradient of 1e-6.
    expect(slope).toBeCloseTo(golden.platt[0], 4);
    expect(intercept).toBeCloseTo(golden.platt[1], 4);
  });

  it('leaves no slope at its own optimum', () => {
    const margins = Float64Array.from(golden.margins);
    const curve = fitPlatt(margins, labels);
    const fraud = labels.reduce((sum, label) => sum + label, 0);
    const target = (label: number): number => (label ? (fraud + 1) / (fraud + 2) : 1 / (labels.length - fraud + 2));
    const errors = margins.map((margin, row) => curve.apply(margin) - target(labels[row]!));
    expect(errors.reduce((sum, error) => sum + error, 0)).toBeCloseTo(0, 7);
    expect(errors.reduce((sum, error, row) => sum + error * margins[row]!, 0)).toBeCloseTo(0, 7);
  });

  it('stays finite for margins far out, and flat when the margins say nothing', () => {
    const far = fitPlatt(Float64Array.of(-1e6, 1e6, -2e6, 2e6), Uint8Array.of(0, 1, 0, 1));
    expect(far.apply(1e6)).toBeGreaterThan(0.6);
    expect(far.apply(2e6)).toBeLessThan(0.9);
    const flat = fitPlatt(Float64Array.of(1, 1, 1, 1), Uint8Array.of(0, 1, 0, 0));
    expect(flat.apply(1)).toBeCloseTo((2 / 3 + 3 * 0.2) / 4, 6);
  });

  it('is flat when the margins are equal but for rounding', () => {
    const { slope } = fitPlatt(Float64Array.of(0.1, 0.1, 0.1), Uint8Array.of(1, 0, 0)).toDocument() as unknown as { slope: number }; // prettier-ignore
    expect(slope).toBe(0);
  });

  it('is flat at the mean target when the margins rank the wrong way', () => {
    const flat = fitPlatt(Float64Array.of(4, 3, 2, 1), Uint8Array.of(0, 0, 1, 1));
    expect([flat.apply(1), flat.apply(4)]).toEqual([0.5, 0.5]);
  });

  it('is refused when it would fall, or without both classes', () => {
    expect(() => createPlatt(-1, 0)).toThrow('invalid slope');
    expect(() => fitPlatt(Float64Array.of(1, 2), Uint8Array.of(0, 0))).toThrow('both fraud and genuine');
  });
});

describe('isotonic calibration', () => {
  it('gives scikit-learn’s probabilities, with ties and outside the range', () => {
    const curve = fitIsotonic(Float64Array.from(golden.isotonic.margins), labels);
    golden.isotonic.asked.forEach((margin, index) => {
      expect(curve.apply(margin)).toBeCloseTo(golden.isotonic.probabilities[index]!, 12);
    });
  });

  it('pools violators: rates 1, 0, 1 become ½, ½, 1', () => {
    const curve = fitIsotonic(Float64Array.of(3, 1, 2), Uint8Array.of(1, 1, 0));
    expect([1, 1.5, 2, 2.5, 3].map(curve.apply)).toEqual([0.5, 0.5, 0.5, 0.75, 1]);
  });
});

const rows = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.constantFrom(0, 1)), {
  minLength: 2,
  maxLength: 60,
});

it.each([
  ['platt', fitPlatt],
  ['isotonic', fitIsotonic],
] as const)('%s never falls, stays within 0 and 1, and comes back from its document', (_kind, fit) => {
  fc.assert(
    fc.property(rows, (pairs) => {
      fc.pre(new Set(pairs.map(([, label]) => label)).size === 2);
      const curve = fit(
        Float64Array.from(pairs, ([margin]) => margin),
        Uint8Array.from(pairs, ([, label]) => label),
      );
      const back = calibratorFromDocument(JSON.parse(JSON.stringify(curve.toDocument())));
      let last = 0;
      for (let margin = -25; margin <= 25; margin += 0.5) {
        const probability = curve.apply(margin);
        expect(probability).toBeGreaterThanOrEqual(last);
        expect(probability).toBeLessThanOrEqual(1);
        expect(back.apply(margin)).toBe(probability);
        last = probability;
      }
    }),
    { numRuns: 60 },
  );
});
