/** Sums rounded after every tree, whatever the number of trees and their depths. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFloat32Scorer } from '../../src/trees/predict-float32.ts';
import { leafOfColumns, type Tree, type TreeEnsemble } from '../../src/trees/tree.ts';

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
