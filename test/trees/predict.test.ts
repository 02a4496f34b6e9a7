/** The fast scorer gives what walking each tree gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boost } from '../../src/trees/boost.ts';
import { growForest } from '../../src/trees/forest.ts';
import { boostingParameters, forestParameters } from '../../src/trees/params.ts';
import { createScorer } from '../../src/trees/predict.ts';
import { leafOfColumns, symmetricLeafOfColumns, type TreeEnsemble } from '../../src/trees/tree.ts';
import { aLabelledTable } from '../support/labelled-rows.ts';

const table = aLabelledTable({ missing: 0.1 });
const boosted = (growth: 'leaf-wise' | 'symmetric', maximumDepth: number): TreeEnsemble =>
  boost(table, boostingParameters({ rounds: 13, growth, maximumDepth, minimumChildWeight: 0.1 }), 1);

const ENSEMBLES: Readonly<Record<string, TreeEnsemble>> = {
  'leaf-wise': boosted('leaf-wise', 9),
  'symmetric, 3 levels': boosted('symmetric', 3),
  'symmetric, 8 levels': boosted('symmetric', 8),
  forest: growForest(table, forestParameters({ trees: 7 }), 1),
  'no trees': { featureCount: 4, baseMargin: 0.5, trees: [], symmetric: [] },
};

function walked({ baseMargin, trees, symmetric }: TreeEnsemble, row: readonly number[]): number {
  const columns = row.map((x) => Float64Array.of(x));
  const values = [
    ...trees.map((tree) => tree.value[leafOfColumns(tree, columns, 0)]!),
    ...symmetric.map((tree) => tree.value[symmetricLeafOfColumns(tree, columns, 0)]!),
  ];
  return values.reduce((sum, value) => sum + value, baseMargin);
}

const cell = fc.oneof(
  fc.double({ min: -3, max: 3 }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, ...table.columns[0]!.slice(0, 20)),
);

describe.each(Object.entries(ENSEMBLES))('the scorer of %s', (_name, ensemble) => {
  const score = createScorer(ensemble);

  it('gives the sum of the leaves each tree leads to, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 4, maxLength: 4 }), (row) => {
        expect(score(Float64Array.from(row), 0)).toBeCloseTo(walked(ensemble, row), 12);
      }),
      { numRuns: 300 },
    );
  });

  it('reads the row at its offset', () => {
    const rows = Float64Array.of(9, 9, 0.1, NaN, -0.4, 2);
    expect(score(rows, 2)).toBe(score(rows.slice(2), 0));
  });
});

it('a value equal to a threshold goes right', () => {
  const ensemble = ENSEMBLES['symmetric, 3 levels']!;
  const tree = ensemble.symmetric[0]!;
  const columns = Array.from({ length: 4 }, () => Float64Array.of(-100));
  columns[tree.feature[0]!]![0] = tree.threshold[0]!;
  expect(symmetricLeafOfColumns(tree, columns, 0) & 1).toBe(1);
});
