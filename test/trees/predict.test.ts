/** The fast scorer gives what walking each tree gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boost } from '../../src/trees/boost.ts';
import { growForest } from '../../src/trees/forest.ts';
import { boostingParameters, forestParameters } from '../../src/trees/params.ts';
import { createFloat32Scorer, createScorer } from '../../src/trees/predict.ts';
import { leafOfColumns, symmetricLeafOfColumns, type Tree, type TreeEnsemble } from '../../src/trees/tree.ts';
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

/** A chain of splits on feature 0, at 0, 1, 2, …; leaves hold single-precision numbers. */
function chain(depth: number, values: readonly number[], missingLeft: number): Tree {
  const nodes = 2 * depth + 1;
  const isLeaf = (node: number): boolean => node % 2 === 1 || node === nodes - 1;
  return {
    feature: Int32Array.from({ length: nodes }, (_, node) => (isLeaf(node) ? -1 : 0)),
    threshold: Float64Array.from({ length: nodes }, (_, node) => (isLeaf(node) ? 0 : node / 2)),
    missingLeft: new Uint8Array(nodes).fill(missingLeft),
    left: Int32Array.from({ length: nodes }, (_, node) => (isLeaf(node) ? 0 : node + 1)),
    value: Float64Array.from({ length: nodes }, (_, node) =>
      isLeaf(node) ? Math.fround(values[node % values.length]!) : 0,
    ),
    cover: new Float64Array(nodes).fill(1),
    gain: new Float64Array(nodes),
  };
}

const trees = fc.array(
  fc.record({
    depth: fc.integer({ min: 0, max: 6 }),
    values: fc.array(fc.double({ noNaN: true, min: -3, max: 3 }), { minLength: 1, maxLength: 13 }),
    missingLeft: fc.constantFrom(0, 1),
  }),
  { maxLength: 11 },
);

describe('createFloat32Scorer', () => {
  it('adds the leaves one after the other in single precision', () => {
    const values = fc.oneof(fc.double({ noNaN: true, min: -1, max: 7 }), fc.constantFrom(NaN, 0, -0, 1, 2, 3));
    fc.assert(
      fc.property(trees, values, (specs, x) => {
        const ensemble: TreeEnsemble = {
          featureCount: 1,
          baseMargin: Math.fround(-0.7),
          trees: specs.map(({ depth, values: leaves, missingLeft }) => chain(depth, leaves, missingLeft)),
          symmetric: [],
        };
        const column = [Float64Array.of(9, x)];
        const expected = ensemble.trees.reduce(
          (sum, tree) => Math.fround(sum + tree.value[leafOfColumns(tree, column, 1)]!),
          ensemble.baseMargin,
        );
        expect(createFloat32Scorer(ensemble)(column[0]!, 1)).toBe(expected);
      }),
    );
  });
});
