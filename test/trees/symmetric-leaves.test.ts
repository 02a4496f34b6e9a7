/** Leaves of symmetric trees: those of the row given, also when it has changed in place or follows its equal. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSymmetricLeaves } from '../../src/trees/symmetric-leaves.ts';
import { type SymmetricTree, symmetricLeafOfColumns } from '../../src/trees/tree.ts';

const FEATURES = 3;

function aTree(depth: number, seed: number): SymmetricTree {
  const leaves = 2 ** depth;
  return {
    feature: Int32Array.from({ length: depth }, (_, level) => (seed + level) % FEATURES),
    threshold: Float64Array.from({ length: depth }, (_, level) => ((seed * 7 + level * 3) % 5) - 2),
    missingLeft: Uint8Array.from({ length: depth }, (_, level) => (seed + level) & 1),
    gain: new Float64Array(depth),
    value: Float64Array.from({ length: leaves }, (_, leaf) => (seed + leaf) / 7),
    cover: new Float64Array(leaves).fill(1),
  };
}

const values = fc.constantFrom(NaN, -Infinity, -2, -0, 0, 1, 2, Infinity);

it('finds the leaf of each row in turn, and sums their values in the order of the trees, whatever rows came before', () => {
  const symmetric = [aTree(0, 1), aTree(2, 2), aTree(6, 3), aTree(8, 4)];
  const leaves = createSymmetricLeaves({ featureCount: FEATURES, baseMargin: 0, trees: [], symmetric });
  fc.assert(
    fc.property(fc.array(fc.tuple(values, values, values), { minLength: 1, maxLength: 8 }), (rows) => {
      const row = new Float64Array(FEATURES);
      for (const each of rows) {
        row.set(each);
        const columns = each.map((value) => Float64Array.of(value));
        const expected = symmetric.map((tree) => symmetricLeafOfColumns(tree, columns, 0));
        const sum = expected.reduce((total, leaf, tree) => total + symmetric[tree]!.value[leaf]!, 0);
        expect([...leaves.of(row, 0)]).toEqual(expected);
        expect(leaves.sum(row, 0)).toBe(sum);
        expect([...leaves.of(row, 0)]).toEqual(expected);
      }
    }),
  );
});
