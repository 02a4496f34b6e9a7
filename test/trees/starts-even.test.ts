/** Boosting that begins at even odds: the same Newton steps from another margin. */
import { describe, expect, it } from 'vitest';
import { boost } from '../../src/trees/boost.ts';
import { boostingParameters, GROWTH_POLICIES } from '../../src/trees/params.ts';
import { createScorer } from '../../src/trees/predict.ts';
import { aLabelledTable } from '../support/labelled-rows.ts';

const table = aLabelledTable({ rows: 2_000, features: 4 });
const frauds = table.labels.reduce((sum, label) => sum + label, 0);

describe.each(GROWTH_POLICIES)('%s trees from even odds', (growth) => {
  const fit = (given: object) => boost(table, boostingParameters({ growth, maximumDepth: 3, ...given }), 1);

  it('begin at margin 0, others at the log-odds of the frauds', () => {
    expect(fit({ rounds: 1, startsEven: 1 }).baseMargin).toBe(0);
    expect(fit({ rounds: 1 }).baseMargin).toBeCloseTo(Math.log(frauds / (2_000 - frauds)), 12);
  });

  it('take first the step of a margin of 0', () => {
    // A split that saves less than everything leaves one leaf: Σg = rows / 2 − frauds, Σh = rows / 4.
    const { trees, symmetric } = fit({ rounds: 1, startsEven: 1, minimumGain: 1e9, l2: 2, learningRate: 0.1 });
    const [value] = (trees[0] ?? symmetric[0])!.value;
    expect(value).toBeCloseTo((-0.1 * (1_000 - frauds)) / (500 + 2), 9);
  });

  it('come to the same share of frauds', () => {
    const ensemble = fit({ rounds: 300, startsEven: 1 });
    const score = createScorer(ensemble);
    const row = new Float64Array(4);
    let expected = 0;
    table.labels.forEach((_, at) => {
      table.columns.forEach((column, feature) => (row[feature] = column[at]!));
      expected += 1 / (1 + Math.exp(-score(row, 0)));
    });
    expect(expected / frauds).toBeCloseTo(1, 1);
  });
});
