/** Forests: leaves hold fraud rates, and every choice comes from the seed. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { growForest, growForestOn, openForestTeam } from '../../src/trees/forest.ts';
import { type ForestParameters, forestParameters } from '../../src/trees/params.ts';
import { createScorer } from '../../src/trees/predict.ts';
import { depthOf, type TreeEnsemble } from '../../src/trees/tree.ts';
import { full } from '../support/tree-kernels.ts';
import { aLabelledTable, type LabelledTable, rowOf } from '../support/labelled-rows.ts';

const grow = (given: Partial<ForestParameters> = {}, table: LabelledTable = aLabelledTable(), seed = 1) =>
  growForest(table, forestParameters({ trees: 10, ...given }), seed);

function hashOf({ trees }: TreeEnsemble): string {
  const hash = createHash('sha256');
  for (const tree of trees) hash.update(tree.feature).update(tree.threshold).update(tree.value).update(tree.cover);
  return hash.digest('hex').slice(0, 16);
}

/** Changes only with the algorithm: models of the same data and seed then differ from older ones. */
const PINNED = '0612b58cce3aedd1';

describe('a forest', () => {
  it('grows to purity: without bootstrap it knows its training rows by heart', () => {
    const table = aLabelledTable({ missing: 0.1, features: 6 });
    const score = createScorer(grow({ bootstrap: 0, trees: 4, maximumBins: 65_535 }, table));
    table.labels.forEach((label, row) => expect(score(rowOf(table.columns, row), 0)).toBe(label));
  });

  it('gives the same trees for the same seed, and others for another', () => {
    expect(grow().trees).toEqual(grow().trees);
    expect(grow().trees).not.toEqual(grow({}, aLabelledTable(), 2).trees);
  });

  it('gives these bytes on every machine, for any number of threads', async () => {
    const table = aLabelledTable({ rows: 3_000, features: 9, missing: 0.05 });
    const parameters = forestParameters({ trees: 5, maximumDepth: 12 });
    for (const threads of [1, 2, 3]) {
      const team = await full(openForestTeam(3_000, 9, parameters, threads));
      const forest = growForestOn(team, table, parameters, 1);
      team.close();
      expect(hashOf(forest)).toBe(PINNED);
    }
  });

  it('tells unseen rows apart better than a single tree', () => {
    const table = aLabelledTable({ rows: 1_000 });
    const unseen = aLabelledTable({ rows: 1_000, seed: 2 });
    const squaredError = (trees: number): number => {
      const score = createScorer(grow({ trees }, table));
      return unseen.labels.reduce((sum, label, row) => sum + (score(rowOf(unseen.columns, row), 0) - label) ** 2, 0);
    };
    expect(squaredError(40)).toBeLessThan(0.75 * squaredError(1));
  });

  it('keeps depth and child weight within their limits', () => {
    for (const tree of grow({ maximumDepth: 3 }).trees) expect(depthOf(tree)).toBeLessThanOrEqual(3);
    for (const tree of grow({ minimumChildWeight: 20 }).trees) {
      tree.cover.forEach((cover) => expect(cover).toBeGreaterThanOrEqual(20));
    }
  });

  it('gives both classes half of the weight when balanced', () => {
    const table = aLabelledTable();
    const rate = (balanced: number): number => {
      const { value, cover } = grow({ trees: 1, bootstrap: 0, balanced, maximumDepth: 1 }, table).trees[0]!;
      return (value[1]! * cover[1]! + value[2]! * cover[2]!) / cover[0]!;
    };
    expect(rate(1)).toBeCloseTo(0.5, 9);
    expect(rate(0)).toBeCloseTo(table.labels.reduce((sum, label) => sum + label, 0) / table.labels.length, 9);
  });

  it('refuses weights that say nothing', () => {
    const table = aLabelledTable();
    const weighing = (weight: number) => () =>
      growForest(
        { ...table, weights: new Float64Array(table.labels.length).fill(weight) },
        forestParameters({ trees: 2 }),
        1,
      );
    expect(weighing(0)).toThrow('invalid weights: they sum to 0');
    expect(weighing(NaN)).toThrow('invalid weights: they sum to NaN');
    expect(weighing(1e-12)).toThrow('scale weights to a mean of 1');
  });

  it('learns where missing values belong', () => {
    const column = Float64Array.from({ length: 200 }, (_, row) => (row % 2 === 0 ? NaN : row));
    const labels = Uint8Array.from(column, (x) => (Number.isNaN(x) ? 1 : 0));
    const score = createScorer(grow({}, { columns: [column], labels }));
    expect(score(Float64Array.of(NaN), 0)).toBe(1);
    expect(score(Float64Array.of(1e9), 0)).toBe(0);
  });
});
