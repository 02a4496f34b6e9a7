/** Boosted trees written for XGBoost; the real one reads them in test/services/formats.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readXgboost } from '../../../src/formats/xgboost/read.ts';
import { writeXgboost } from '../../../src/formats/xgboost/write.ts';
import { createBoostingLearner } from '../../../src/learners/boosting.ts';
import { rowsToScore, someModels } from '../../support/exported-models.ts';
import { aTrainingSet } from '../../support/training-sets.ts';

const NAMES = ['x0', 'x1', 'x2', 'category'];
const models = someModels(1);
const boosted = models.filter(({ name }) => ['depth-wise', 'leaf-wise', 'leaf-wise-sets', 'symmetric'].includes(name));

describe('writing XGBoost', () => {
  it.each(boosted)('keeps the margins of $name growth, categories included', ({ model }) => {
    const read = readXgboost(writeXgboost(model.toDocument(), NAMES));
    expect(read.features.map(({ name }) => name)).toEqual(NAMES);
    for (const row of rowsToScore(1, { single: true })) {
      expect(Math.abs(read.model.margin(row) - model.margin(row))).toBeLessThan(1e-6);
    }
  });

  it('names each column once', () => {
    const { model } = models.find(({ name }) => name === 'leaf-wise-sets')!;
    const { learner } = JSON.parse(writeXgboost(model.toDocument(), NAMES)) as { learner: { feature_names: string[] } };
    expect(new Set(learner.feature_names).size).toBe(learner.feature_names.length);
    expect(learner.feature_names).toContain('category_ordinal_2');
  });

  it('keeps the margins of any boosted trees', () => {
    const shape = fc.record({
      seed: fc.integer({ min: 1, max: 1_000 }),
      growth: fc.constantFrom('depth-wise', 'leaf-wise', 'symmetric'),
      missing: fc.constantFrom(0, 0.1, 0.5),
    });
    fc.assert(
      fc.property(shape, ({ seed, growth, missing }) => {
        const set = aTrainingSet({ rows: 200, seed, missing });
        const values = set.values.map((column) => column.map(Math.fround));
        const model = createBoostingLearner('any', { growth, rounds: 8 }).fit({ ...set, values }, { seed });
        const read = readXgboost(writeXgboost(model.toDocument(), set.names));
        for (let row = 0; row < set.rows; row++) {
          const cells = Float64Array.from(values, (column) => column[row]!);
          const margin = model.margin(cells);
          expect(Math.abs(read.model.margin(cells) - margin)).toBeLessThan(1e-6 * Math.max(1, Math.abs(margin)));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('says the same of the same trees, once their nodes are in its order', () => {
    const set = aTrainingSet({ rows: 200, seed: 5 });
    const model = createBoostingLearner('once', { rounds: 3 }).fit(set, { seed: 1 });
    const again = (text: string): string => writeXgboost(readXgboost(text).model.toDocument(), set.names);
    const treesOf = (text: string): readonly unknown[] => {
      const { learner } = JSON.parse(text) as { learner: { gradient_booster: { model: { trees: unknown[] } } } };
      return learner.gradient_booster.model.trees.slice(0, 4);
    };
    const once = again(writeXgboost(model.toDocument(), set.names));
    expect(treesOf(again(once))).toEqual(treesOf(once));
  });

  it.each(models.filter((named) => !boosted.includes(named)))('refuses a model of kind $name', ({ model }) => {
    expect(() => writeXgboost(model.toDocument(), NAMES)).toThrow(/not of boosted trees alone/);
  });
});
