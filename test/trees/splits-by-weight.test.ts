/** Splits scored by row weights: which split that is, and that leaves are worth a Newton step all the same. */
import { describe, expect, it } from 'vitest';
import { boost, boostOn, openBoostingTeam } from '../../src/trees/boost.ts';
import { boostingParameters, GROWTH_POLICIES } from '../../src/trees/params.ts';
import { leafOfColumns, symmetricLeafOfColumns } from '../../src/trees/tree.ts';
import { full, roundsOf } from '../support/tree-kernels.ts';
import { aLabelledTable } from '../support/labelled-rows.ts';

const table = aLabelledTable({ rows: 3_000, features: 5, missing: 0.1 });

describe.each(GROWTH_POLICIES)('%s trees with splits scored by weight', (growth) => {
  const given = {
    growth,
    maximumDepth: 4,
    splitsByWeight: 1,
    l2: 2,
    learningRate: 0.3,
    minimumChildWeight: 20,
  } as const;

  it('count row weights in their covers, and second derivatives in their leaves', () => {
    const weights = Float64Array.from(table.labels, (_, row) => 1 + (row % 2));
    const rounds = roundsOf(table.columns, table.labels, given, weights);
    rounds.margins().forEach((_, row, margins) => (margins[row] = Math.sin(row)));
    const probabilities = rounds.margins().map((margin) => 1 / (1 + Math.exp(-margin)));
    rounds.differentiate();
    const { tree, symmetric } = rounds.grow(3_000, Int32Array.of(0, 1, 2, 3, 4));
    const leaves = (tree ?? symmetric)!.value.length;
    const sums = Array.from({ length: leaves }, () => ({ gradient: 0, curvature: 0, weight: 0 }));
    table.labels.forEach((label, row) => {
      const leaf = tree
        ? leafOfColumns(tree, table.columns, row)
        : symmetricLeafOfColumns(symmetric!, table.columns, row);
      const [p, weight] = [probabilities[row]!, weights[row]!];
      sums[leaf]!.gradient += weight * (p - label);
      sums[leaf]!.curvature += weight * p * (1 - p);
      sums[leaf]!.weight += weight;
    });
    sums.forEach(({ gradient, curvature, weight }, leaf) => {
      if (weight === 0) return;
      expect((tree ?? symmetric)!.cover[leaf]).toBeCloseTo(weight, 9);
      expect((tree ?? symmetric)!.value[leaf]).toBeCloseTo((-0.3 * gradient) / (curvature + 2), 6);
      expect(weight).toBeGreaterThanOrEqual(growth === 'symmetric' ? 0 : 20);
    });
  });

  it('are the same for any number of threads', async () => {
    const wide = aLabelledTable({ rows: 9_000, features: 5, missing: 0.1 });
    const parameters = boostingParameters({ ...given, rounds: 5, rowShare: 0.9 });
    const models = [];
    for (const threads of [1, 2, 3]) {
      const team = await full(openBoostingTeam(9_000, 5, parameters, threads));
      models.push(JSON.stringify(boostOn(team, wide, parameters, 1)));
      team.close();
    }
    expect(models).toEqual(new Array(3).fill(models[0]));
  });
});

it('a split is the one that saves most of Σg² / (Σ weight + l2)', () => {
  // Second derivatives part the one unsure row from the rest, weights the two frauds among what comes before them.
  const parameters = { maximumDepth: 1, maximumLeaves: 2, minimumChildWeight: 0, l2: 1, learningRate: 1 } as const;
  const columns = [Float64Array.of(1, 2, 3, 4, 5, 6)];
  const margins = [-1, -5, -5, -5, -5, -5];
  const labels = Uint8Array.of(0, 1, 1, 0, 0, 0);
  const thresholdOf = (splitsByWeight: 0 | 1): number => {
    const rounds = roundsOf(columns, labels, { ...parameters, splitsByWeight });
    rounds.margins().set(margins);
    rounds.differentiate();
    return rounds.grow(6, Int32Array.of(0)).tree!.threshold[0]!;
  };
  const scoreOf = (rows: readonly number[], byWeight: boolean): number => {
    const p = (row: number): number => 1 / (1 + Math.exp(-margins[row]!));
    const gradient = rows.reduce((sum, row) => sum + p(row) - labels[row]!, 0);
    return gradient ** 2 / (1 + rows.reduce((sum, row) => sum + (byWeight ? 1 : p(row) * (1 - p(row))), 0));
  };
  const best = (byWeight: boolean): number => {
    const cuts = [1, 2, 3, 4, 5].map((cut) => {
      const rows = [0, 1, 2, 3, 4, 5];
      return scoreOf(rows.slice(0, cut), byWeight) + scoreOf(rows.slice(cut), byWeight);
    });
    return 1.5 + cuts.indexOf(Math.max(...cuts));
  };
  expect(thresholdOf(0)).toBe(best(false));
  expect(thresholdOf(1)).toBe(best(true));
  expect(best(true)).not.toBe(best(false));
});

it('constraints are refused beside it', () => {
  expect(() => boostingParameters({ splitsByWeight: 1, monotone: { 0: 1 } })).toThrow('not by weight');
  expect(boost(table, boostingParameters({ rounds: 1, splitsByWeight: 1 }), 1).trees).toHaveLength(1);
});
