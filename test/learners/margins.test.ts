/** Whole tables give what their rows give one by one. */
import { expect, it } from 'vitest';
import { createBoostingLearner } from '../../src/learners/boosting.ts';
import { contributionsOf, marginsOf } from '../../src/learners/margins.ts';
import { rowOf } from '../support/labelled-rows.ts';
import { aTrainingSet } from '../support/training-sets.ts';

const set = aTrainingSet({ rows: 120, missing: 0.1 });
const model = createBoostingLearner('boosting', { rounds: 5 }).fit(set, { seed: 1 });

it('margins of a table are those of its rows', () => {
  marginsOf(model, set).forEach((margin, row) => expect(margin).toBe(model.margin(rowOf(set.values, row))));
});

it('contributions of a table sum, row by row, to its margins', () => {
  const { expectedMargin, values } = contributionsOf(model, set);
  marginsOf(model, set).forEach((margin, row) => {
    expect(values.reduce((sum, column) => sum + column[row]!, expectedMargin)).toBeCloseTo(margin, 10);
  });
});
