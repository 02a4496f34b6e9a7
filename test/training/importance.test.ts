/** Importance: the features that made the labels come first, whichever way it is measured. */
import { describe, expect, it } from 'vitest';
import { globalImportance, permutationImportance, spreadRows, withPermutation } from '../../src/training/importance.ts';
import { takeRows } from '../../src/training/table.ts';
import { createCostMeter } from '../../src/training/serving-cost.ts';
import { QUICK_LEARNERS } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const table = aTrainingTable({ rows: 2_000, intercept: -2 });
const model = QUICK_LEARNERS[1]!.fit(table, { seed: 1 });

describe('importance', () => {
  it('ranks features by mean |SHAP| as the labels were made', () => {
    const importance = globalImportance(model, table);
    expect(importance.slice(0, 2).map(({ feature }) => feature)).toEqual(['strong', 'weak']);
    expect(importance.reduce((sum, { gainShare }) => sum + gainShare, 0)).toBeCloseTo(1, 9);
    expect(importance.at(-1)!.meanShap).toBeLessThan(0.1 * importance[0]!.meanShap);
  });

  it('finds that shuffling the strong feature costs most and that noise costs nothing', () => {
    const [strong, weak, noise] = permutationImportance(model, table, ['strong', 'weak', 'noise'], 1);
    expect(strong!).toBeGreaterThan(0.2);
    expect(weak!).toBeLessThan(strong!);
    expect(Math.abs(noise!)).toBeLessThan(0.02);
  });

  it('gives the most important features their loss by permutation, whatever their place in the table', () => {
    const importance = globalImportance(model, table);
    const known = withPermutation(importance, model, table, { count: 2, rows: 1_000, seed: 3 });
    const sample = takeRows(table, spreadRows(table.rows, 1_000));
    const [weak, strong] = permutationImportance(model, sample, ['weak', 'strong'], 3);
    expect(known).toEqual([{ ...importance[0]!, permutationLoss: strong }, { ...importance[1]!, permutationLoss: weak }, ...importance.slice(2)]); // prettier-ignore
  });

  it('takes rows spread over the whole table', () => {
    expect([...spreadRows(10, 5)]).toEqual([0, 2, 4, 6, 8]);
    expect([...spreadRows(3, 5)]).toEqual([0, 1, 2]);
  });
});

describe('createCostMeter', () => {
  it('gives microseconds a payment by the clock handed in', () => {
    let readings = 0;
    // 3 µs pass between two readings: 16 rows a chunk and a reading at either end.
    const meter = createCostMeter(table, () => 3 * readings++);
    expect(meter(model)).toBeCloseTo(3 / 16, 12);
  });

  it('leaves out how long the processor was away at first', () => {
    let readings = 0;
    const meter = createCostMeter(table, () => (readings++ === 0 ? 0 : 2_000_000 + 3 * readings));
    expect(meter(model)).toBeCloseTo(3 / 16, 12);
  });

  it('stops timing a model that is very slow', () => {
    let now = 0;
    const meter = createCostMeter(table, () => (now += 1_000_000));
    expect(meter(model)).toBe(1_000_000 / 16);
    expect(now).toBeLessThan(10_000_000);
  });
});
