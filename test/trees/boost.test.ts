/** Boosting: what it learns, and that it learns the same each time. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { boost, boostOn, openBoostingTeam } from '../../src/trees/boost.ts';
import { meanLogLoss } from '../../src/trees/objective.ts';
import { type BoostingParameters, boostingParameters, GROWTH_POLICIES } from '../../src/trees/params.ts';
import { createScorer } from '../../src/trees/predict.ts';
import { depthOf, type TreeEnsemble } from '../../src/trees/tree.ts';
import { full } from '../support/tree-kernels.ts';
import { aLabelledTable, type LabelledTable, rowOf } from '../support/labelled-rows.ts';

const fit = (given: Partial<BoostingParameters>, table: LabelledTable = aLabelledTable(), seed = 1): TreeEnsemble =>
  boost(table, boostingParameters({ rounds: 20, maximumDepth: 4, ...given }), seed);

function lossOf(ensemble: TreeEnsemble, { columns, labels }: LabelledTable): number {
  const score = createScorer(ensemble);
  const margins = Float64Array.from(labels, (_, row) => score(rowOf(columns, row), 0));
  return meanLogLoss(margins, labels, new Float64Array(labels.length).fill(1));
}

function hashOf(ensemble: TreeEnsemble): string {
  const hash = createHash('sha256');
  for (const tree of [...ensemble.trees, ...ensemble.symmetric]) {
    hash.update(tree.feature).update(tree.threshold).update(tree.value).update(tree.cover).update(tree.gain);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Change only with the algorithm: models of the same data and seed then differ from older ones. */
const PINNED = { 'leaf-wise': '6b630148fb60caa3', 'depth-wise': '99d266bf10aa77c6', symmetric: '137344bd9185294f' };

describe.each(GROWTH_POLICIES)('%s boosting', (growth) => {
  it('finds an interaction on rows it has not seen, better than the base rate', () => {
    const ensemble = fit({ growth, rounds: 60 }, aLabelledTable({ rows: 2_000 }));
    const unseen = aLabelledTable({ rows: 2_000, seed: 2 });
    expect(lossOf(ensemble, unseen)).toBeLessThan(0.75 * lossOf({ ...ensemble, trees: [], symmetric: [] }, unseen));
  });

  it('gives the same bytes for the same seed, and others for another', () => {
    const sampled = { growth, rowShare: 0.7, columnShare: 0.8 };
    expect(hashOf(fit(sampled))).toBe(hashOf(fit(sampled)));
    expect(hashOf(fit(sampled))).not.toBe(hashOf(fit(sampled, aLabelledTable(), 2)));
  });

  it('gives these bytes on every machine', () => {
    expect(hashOf(fit({ growth, rowShare: 0.7, columnShare: 0.8 }))).toBe(PINNED[growth]);
  });

  it('gives the same bytes for any number of threads', async () => {
    // Rows enough for threads to share nodes; columns coded by two bytes, by one, and small ones that share a byte.
    const { columns, labels } = aLabelledTable({ rows: 12_000, features: 9, missing: 0.05 });
    for (const column of columns.slice(4, 8)) column.forEach((x, row) => (column[row] = Math.round(x)));
    const parameters = boostingParameters({ growth, rounds: 6, maximumDepth: 6, maximumBins: 500, rowShare: 0.9 });
    const hashes = [];
    for (const threads of [1, 2, 3]) {
      const team = await full(openBoostingTeam(12_000, 9, parameters, threads));
      hashes.push(hashOf(boostOn(team, { columns, labels }, parameters, 1)));
      team.close();
    }
    expect(hashes).toEqual(new Array(3).fill(hashes[0]));
  });

  it('does not depend on the order of the rows', () => {
    const { columns, labels } = aLabelledTable();
    const turned = { columns: columns.map((column) => column.slice().reverse()), labels: labels.slice().reverse() };
    expect(hashOf(fit({ growth }, turned))).toBe(hashOf(fit({ growth })));
  });

  it('fits the training margins that its trees then predict', () => {
    const table = aLabelledTable({ missing: 0.2 });
    expect(lossOf(fit({ growth, rounds: 40 }, table), table)).toBeLessThan(
      lossOf(fit({ growth, rounds: 5 }, table), table),
    );
  });

  it('stops where the validation loss was least', () => {
    const table = aLabelledTable();
    const validation = aLabelledTable({ seed: 3, rows: 200 });
    const parameters = boostingParameters({ growth, rounds: 300, learningRate: 0.5, patience: 5 });
    const stopped = boost(table, parameters, 1, validation);
    const rounds = stopped.trees.length + stopped.symmetric.length;
    expect(rounds).toBeLessThan(290);
    for (const other of [rounds - 1, rounds + 1, rounds + 4]) {
      const longer = boost(table, boostingParameters({ ...parameters, patience: 0, rounds: other }), 1);
      expect(lossOf(stopped, validation)).toBeLessThanOrEqual(lossOf(longer, validation));
    }
  });

  it('learns where missing values belong', () => {
    const column = Float64Array.from({ length: 200 }, (_, row) => (row % 2 === 0 ? NaN : row));
    const labels = Uint8Array.from(column, (x) => (Number.isNaN(x) ? 1 : 0));
    const score = createScorer(fit({ growth }, { columns: [column], labels }));
    expect(score(Float64Array.of(NaN), 0)).toBeGreaterThan(2);
    expect(score(Float64Array.of(50), 0)).toBeLessThan(-2);
  });

  it('weighs a row of weight 2 as two rows', () => {
    const { columns, labels } = aLabelledTable({ rows: 150 });
    const weights = Float64Array.from(labels, (_, row) => 1 + (row % 2));
    const twice = [...labels.keys()].flatMap((row) => (row % 2 === 1 ? [row, row] : [row]));
    const repeated = {
      columns: columns.map((column) => Float64Array.from(twice, (row) => column[row]!)),
      labels: Uint8Array.from(twice, (row) => labels[row]!),
    };
    const parameters = boostingParameters({ growth, rounds: 5, maximumDepth: 4 });
    const weighted = createScorer(boost({ columns, labels, weights }, parameters, 1));
    const doubled = createScorer(boost(repeated, parameters, 1));
    for (let row = 0; row < 150; row++) {
      expect(weighted(rowOf(columns, row), 0)).toBeCloseTo(doubled(rowOf(columns, row), 0), 6);
    }
  });
});

describe('knobs of boosting', () => {
  const table = aLabelledTable({ rows: 1_000 });

  it('limit leaves and depth', () => {
    for (const tree of fit({ maximumLeaves: 6, maximumDepth: 12 }, table).trees) {
      expect(tree.feature.length).toBeLessThanOrEqual(11);
    }
    for (const tree of fit({ maximumDepth: 3 }, table).trees) expect(depthOf(tree)).toBeLessThanOrEqual(3);
    for (const tree of fit({ growth: 'depth-wise', maximumDepth: 3 }, table).trees) expect(depthOf(tree)).toBe(3);
    for (const tree of fit({ growth: 'symmetric', maximumDepth: 3 }, table).symmetric) {
      expect(tree.feature.length).toBe(3);
    }
  });

  it('keep the weight of each child above the minimum', () => {
    for (const tree of fit({ minimumChildWeight: 12 }, table).trees) {
      tree.cover.forEach((cover) => expect(cover).toBeGreaterThanOrEqual(12));
    }
  });

  it('shrink leaf values: by l2 and by the learning rate', () => {
    const largest = (given: Partial<BoostingParameters>): number =>
      Math.max(...fit({ rounds: 1, ...given }, table).trees[0]!.value.map(Math.abs));
    expect(largest({ l2: 100 })).toBeLessThan(largest({ l2: 1 }));
    expect(largest({ learningRate: 0.2 })).toBeCloseTo(2 * largest({ learningRate: 0.1 }), 12);
  });

  it('raise the base margin by the weight of frauds, and play down easy rows', () => {
    expect(fit({ positiveWeight: 10 }, table).baseMargin).toBeCloseTo(fit({}, table).baseMargin + Math.log(10), 12);
    expect(hashOf(fit({ focalGamma: 2 }, table))).not.toBe(hashOf(fit({}, table)));
  });

  it('use no feature outside the columns drawn, and one at least', () => {
    for (const tree of fit({ columnShare: 0.01 }, table).trees) {
      expect(new Set(tree.feature.filter((feature) => feature >= 0)).size).toBe(1);
    }
  });

  it('need more bins than 255 for nothing: two-byte codes grow the same trees where bins suffice', () => {
    const small = aLabelledTable({ rows: 200 });
    expect(hashOf(fit({ maximumBins: 4_095 }, small))).toBe(hashOf(fit({}, small)));
    const wide = aLabelledTable({ rows: 600 });
    expect(lossOf(fit({ maximumBins: 4_095 }, wide), wide)).toBeLessThan(0.5);
  });

  it.each([1, -1] as const)('hold a monotone constraint of direction %i everywhere', (direction) => {
    const scorer = createScorer(fit({ rounds: 40, monotone: { 0: direction } }, table));
    for (let row = 0; row < 100; row++) {
      const values = rowOf(table.columns, row);
      let last = -Infinity;
      for (let x = -3; x <= 3; x += 0.25) {
        values[0] = x;
        const margin = direction * scorer(values, 0);
        expect(margin).toBeGreaterThanOrEqual(last);
        last = margin;
      }
    }
  });

  it('name a monotone feature that does not exist', () => {
    expect(() => fit({ monotone: { 9: 1 } })).toThrow('no feature 9');
    expect(() => fit({ monotone: { [-1]: 1 } })).toThrow('no feature -1');
    expect(() => fit({ monotone: { 1.5: 1 } })).toThrow('no feature 1.5');
    expect(() => fit({ monotone: { 0: 0.5 as never } })).toThrow('direction 0.5 of feature 0');
  });
});
