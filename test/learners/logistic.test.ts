/** Logistic regression: missing values, settings, and what is refused. */
import { describe, expect, it } from 'vitest';
import { createLogisticLearner } from '../../src/learners/logistic.ts';
import { marginsOf } from '../../src/learners/margins.ts';
import { aTrainingSet } from '../support/training-sets.ts';

const fit = (given: Parameters<typeof createLogisticLearner>[1], set = aTrainingSet()) =>
  createLogisticLearner('logistic', given).fit(set, { seed: 1 });

describe('logistic regression', () => {
  it('learns what it means that a value is missing', () => {
    const set = aTrainingSet({ missing: 0.3 });
    const labels = Uint8Array.from(set.values[3]!, (x) => (Number.isNaN(x) ? 1 : 0));
    const model = fit({}, { ...set, labels });
    expect(model.margin(Float64Array.of(0, 0, 0, NaN))).toBeGreaterThan(2);
    expect(model.margin(Float64Array.of(0, 0, 0, 0))).toBeLessThan(-2);
  });

  it('leaves the mean prediction at the fraud rate, the intercept being free', () => {
    const set = aTrainingSet();
    const probabilities = marginsOf(fit({ inversePenalty: 0.01 }, set), set).map(
      (margin) => 1 / (1 + Math.exp(-margin)),
    );
    const rate = set.labels.reduce((sum, label) => sum + label, 0) / set.rows;
    expect(probabilities.reduce((sum, p) => sum + p, 0) / set.rows).toBeCloseTo(rate, 6);
  });

  it('sets coefficients to exactly 0 under a strong absolute penalty, all but the intercept', () => {
    expect(fit({ absoluteShare: 1, inversePenalty: 1e-4 }).importance()).toEqual(new Float64Array(4));
  });

  it('scores beyond what it learned from as at the edge of it', () => {
    const set = aTrainingSet();
    const model = fit({}, set);
    const edge = (side: -1 | 1) => set.values.map((column) => side * column.reduce((most, x) => Math.max(most, side * x), -Infinity)); // prettier-ignore
    for (const side of [-1, 1] as const) {
      const atEdge = Float64Array.from(edge(side));
      for (const beyond of [1, 1e9, Infinity]) {
        const row = atEdge.map((x) => x + side * beyond);
        const [out, outAtEdge] = [new Float64Array(row.length), new Float64Array(row.length)];
        expect(model.margin(row)).toBe(model.margin(atEdge));
        expect(model.addContributions(row, out, 1)).toBe(model.addContributions(atEdge, outAtEdge, 1));
        expect(out).toEqual(outAtEdge);
      }
    }
  });

  it('makes nothing of a feature that was constant but for rounding, whatever comes later', () => {
    const set = aTrainingSet();
    // The mean of many tenths is not a tenth, so the spread around it is not quite nothing.
    const constant = new Float64Array(set.rows).fill(0.1);
    const model = fit({}, { ...set, names: [...set.names, 'constant'], values: [...set.values, constant] });
    const row = set.values.map((column) => column[0]!);
    const [usual, other] = [0.1, 0.2].map((value) => model.margin(Float64Array.of(...row, value)));
    expect(Math.abs(usual! - other!)).toBeLessThan(1);
  });

  it('copes with constant and wholly missing features', () => {
    const set = aTrainingSet();
    const values = [
      set.values[0]!,
      new Float64Array(set.rows).fill(3),
      new Float64Array(set.rows).fill(NaN),
      set.values[2]!,
    ];
    for (const scaling of ['standard', 'min-max', 'none'] as const) {
      const model = fit({ scaling }, { ...set, values });
      expect(Number.isFinite(model.margin(Float64Array.of(1, 3, NaN, 1)))).toBe(true);
      expect(Number.isFinite(model.margin(Float64Array.of(1, NaN, 5, 1)))).toBe(true);
    }
  });

  it('makes nothing of a feature that was always missing, whatever comes later', () => {
    const set = aTrainingSet();
    const empty = new Float64Array(set.rows).fill(NaN);
    const model = fit({}, { ...set, names: [...set.names, 'empty'], values: [...set.values, empty] });
    const plain = fit({}, set);
    const row = set.values.map((column) => column[0]!);
    for (const value of [NaN, 0, 7]) {
      expect(model.margin(Float64Array.of(...row, value))).toBeCloseTo(plain.margin(Float64Array.of(...row)), 9);
      const out = new Float64Array(row.length + 1);
      model.addContributions(Float64Array.of(...row, value), out, 1);
      expect(out.at(-1)).toBe(0);
    }
  });

  it('counts a row of weight 2 as two', () => {
    const set = aTrainingSet({ rows: 100 });
    const twice = {
      ...set,
      rows: 200,
      values: set.values.map((column) => Float64Array.of(...column, ...column)),
      labels: Uint8Array.of(...set.labels, ...set.labels),
    };
    const row = Float64Array.of(0.5, 0.1, -1, 2);
    const weighted = fit({}, { ...set, weights: new Float64Array(100).fill(2) });
    expect(weighted.margin(row)).toBeCloseTo(fit({}, twice).margin(row), 6);
  });

  it.each([
    [{ inversePenalty: 0 }, 'invalid inversePenalty: 0'],
    [{ absoluteShare: 1.1 }, 'invalid absoluteShare: 1.1'],
    [{ scaling: 'robust' as never }, 'invalid scaling: robust'],
    [{ maximumSteps: NaN }, 'invalid maximumSteps: NaN'],
    [{ maximumSteps: 0 }, 'invalid maximumSteps: 0'],
    [{ tolerance: -1 }, 'invalid tolerance: -1'],
  ])('refuses %j', (given, message) => {
    expect(() => fit(given)).toThrow(message);
  });

  it('refuses rows of one class', () => {
    const set = aTrainingSet({ rows: 10 });
    expect(() => fit({}, { ...set, labels: new Uint8Array(10) })).toThrow('both fraud and genuine');
  });
});
