/** Isolation forests: scikit-learn's scores from scikit-learn's trees, and the laws of our own. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';
import { averagePathLength, growIsolationForest, isolationLeafValue } from '../../src/trees/isolation.ts';
import { isolationParameters } from '../../src/trees/params.ts';
import { createScorer } from '../../src/trees/predict.ts';
import { depthOf, leafOfColumns, type Tree } from '../../src/trees/tree.ts';
import { aLabelledTable, rowOf } from '../support/labelled-rows.ts';

interface Golden {
  readonly sampleRows: number;
  readonly trees: readonly Readonly<Record<'feature' | 'threshold' | 'left' | 'rows' | 'depth', number[]>>[];
  readonly rows: readonly (readonly number[])[];
  readonly anomalyScores: readonly number[];
  readonly sizes: readonly number[];
  readonly averagePathLengths: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL('../golden/isolation/forest.json', import.meta.url), 'utf8')) as Golden;

describe('golden values of scikit-learn', () => {
  it('are met by average path lengths', () => {
    golden.sizes.forEach((rows, index) =>
      expect(averagePathLength(rows)).toBeCloseTo(golden.averagePathLengths[index]!, 11),
    );
  });

  it('are met by the scores of its trees with our leaf values', () => {
    const trees = golden.trees.map((nodes): Tree => {
      const value = nodes.rows.map((rows, node) =>
        nodes.left[node] === 0
          ? isolationLeafValue(nodes.depth[node]!, rows, golden.sampleRows, golden.trees.length)
          : 0,
      );
      const zeros = new Float64Array(value.length);
      return {
        feature: Int32Array.from(nodes.feature),
        threshold: Float64Array.from(nodes.threshold),
        missingLeft: new Uint8Array(value.length),
        left: Int32Array.from(nodes.left),
        value: Float64Array.from(value),
        cover: zeros,
        gain: zeros,
      };
    });
    const score = createScorer({ featureCount: 4, baseMargin: 0, trees, symmetric: [] });
    golden.rows.forEach((row, index) =>
      expect(2 ** score(Float64Array.from(row), 0)).toBeCloseTo(golden.anomalyScores[index]!, 12),
    );
  });
});

const table = aLabelledTable({ rows: 1_000, features: 5, missing: 0.1 });
const parameters = isolationParameters();

describe('an isolation forest', () => {
  const forest = growIsolationForest(table.columns, parameters, 7);

  it('is the same for the same seed, tree by tree whatever their number, and another for another', () => {
    expect(growIsolationForest(table.columns, parameters, 7)).toEqual(forest);
    const fewer = growIsolationForest(table.columns, { ...parameters, trees: 3 }, 7);
    fewer.trees.forEach((tree, place) => expect(tree.threshold).toEqual(forest.trees[place]!.threshold));
    expect(growIsolationForest(table.columns, parameters, 8)).not.toEqual(forest);
  });

  it('sees as many rows as it is told in each tree, and is no deeper than their logarithm', () => {
    for (const tree of forest.trees) {
      expect(tree.cover[0]).toBe(256);
      expect(depthOf(tree)).toBeLessThanOrEqual(8);
    }
  });

  it('sends to each leaf the rows it counts, when it sees all', () => {
    const few = table.columns.map((column) => column.slice(0, 200));
    for (const tree of growIsolationForest(few, isolationParameters({ trees: 5 }), 1).trees) {
      const rows = new Float64Array(tree.feature.length);
      for (let row = 0; row < 200; row++) rows[leafOfColumns(tree, few, row)]!++;
      tree.feature.forEach((feature, node) => {
        if (feature < 0) expect(rows[node]).toBe(tree.cover[node]);
        if (feature < 0) expect(rows[node]).toBeGreaterThan(0);
      });
    }
  });

  it('ranks a row far from all others above every usual one', () => {
    const columns = table.columns.map((column) => column.map((x) => (Number.isNaN(x) ? 0 : x)));
    const score = createScorer(growIsolationForest(columns, parameters, 1));
    const usual = Math.max(...Array.from({ length: 100 }, (_, row) => score(rowOf(columns, row), 0)));
    expect(score(new Float64Array(5).fill(9), 0)).toBeGreaterThan(usual);
  });

  it('parts rows that only a missing value tells apart', () => {
    const column = Float64Array.from({ length: 64 }, (_, row) => (row < 2 ? NaN : 1));
    const score = createScorer(growIsolationForest([column], isolationParameters({ sampleRows: 64 }), 1));
    expect(score(Float64Array.of(NaN), 0)).toBeGreaterThan(score(Float64Array.of(1), 0));
  });

  it('takes any values, and gives margins of anomaly scores', () => {
    const cell = fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity, NaN, 0, -0, Number.MAX_VALUE));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 40 }), fc.nat(), (values, seed) => {
        const columns = [Float64Array.from(values), createRandom(seed).shuffle(Float64Array.from(values))];
        const score = createScorer(growIsolationForest(columns, isolationParameters({ trees: 3 }), seed));
        values.forEach((_, row) => {
          const margin = score(rowOf(columns, row), 0);
          expect(margin).toBeLessThanOrEqual(0);
          expect(margin).toBeGreaterThan(-20);
        });
      }),
    );
  });

  it('refuses a single row', () => {
    expect(() => growIsolationForest([Float64Array.of(1)], parameters, 1)).toThrow('at least two rows');
  });
});
