/** Shapley values: equal to their definition, to XGBoost's and to shap's; they sum to the margin. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { boost } from '../../src/trees/boost.ts';
import { growForest } from '../../src/trees/forest.ts';
import { boostingParameters, forestParameters } from '../../src/trees/params.ts';
import { createScorer } from '../../src/trees/predict.ts';
import { createExplainer } from '../../src/trees/shap.ts';
import { type SymmetricTree, type Tree, type TreeEnsemble } from '../../src/trees/tree.ts';
import { aLabelledTable, rowOf } from '../support/labelled-rows.ts';

/** A symmetric tree as the binary tree it stands for; unreached branches divide evenly. */
function unfold(tree: SymmetricTree): Tree {
  const levels = tree.feature.length;
  const nodes = 2 ** (levels + 1) - 1;
  const flat = {
    feature: new Int32Array(nodes).fill(-1),
    threshold: new Float64Array(nodes),
    missingLeft: new Uint8Array(nodes),
    left: new Int32Array(nodes),
    value: new Float64Array(nodes),
    cover: new Float64Array(nodes),
    gain: new Float64Array(nodes),
  };
  const fill = (node: number, level: number, path: number): number => {
    if (level === levels) {
      flat.value[node] = tree.value[path]!;
      return (flat.cover[node] = tree.cover[path]!);
    }
    flat.feature[node] = tree.feature[level]!;
    flat.threshold[node] = tree.threshold[level]!;
    flat.missingLeft[node] = tree.missingLeft[level]!;
    flat.left[node] = 2 * node + 1;
    return (flat.cover[node] =
      fill(2 * node + 1, level + 1, path) + fill(2 * node + 2, level + 1, path | (1 << level)));
  };
  fill(0, 0, 0);
  return flat;
}

/** Expected value of a tree when only features in the set `known` (bits) are known: the definition. */
function game(tree: Tree, row: Float64Array, known: number, node = 0): number {
  const feature = tree.feature[node]!;
  if (feature < 0) return tree.value[node]!;
  const left = tree.left[node]!;
  if ((known >> feature) & 1) {
    const x = row[feature]!;
    const right = Number.isNaN(x) ? tree.missingLeft[node] === 0 : x >= tree.threshold[node]!;
    return game(tree, row, known, left + (right ? 1 : 0));
  }
  const share = tree.cover[node]! > 0 ? tree.cover[left]! / tree.cover[node]! : 0.5;
  return share * game(tree, row, known, left) + (1 - share) * game(tree, row, known, left + 1);
}

function shapleyByDefinition(trees: readonly Tree[], row: Float64Array): number[] {
  const n = row.length;
  const worth = Array.from({ length: 2 ** n }, (_, known) => trees.reduce((sum, t) => sum + game(t, row, known), 0));
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
  return Array.from(row, (_, feature) => {
    let value = 0;
    for (let known = 0; known < 2 ** n; known++) {
      if ((known >> feature) & 1) continue;
      const size = known.toString(2).replaceAll('0', '').length;
      value +=
        (factorial(size) * factorial(n - size - 1) * (worth[known | (1 << feature)]! - worth[known]!)) / factorial(n);
    }
    return value;
  });
}

const table = aLabelledTable({ rows: 500, features: 6, missing: 0.1 });
const boosted = (growth: 'leaf-wise' | 'symmetric' | 'depth-wise', maximumDepth: number): TreeEnsemble =>
  boost(table, boostingParameters({ rounds: 6, growth, maximumDepth, minimumChildWeight: 0.01 }), 1);

const ENSEMBLES: Readonly<Record<string, TreeEnsemble>> = {
  'leaf-wise trees': boosted('leaf-wise', 12),
  'depth-wise trees': boosted('depth-wise', 3),
  'symmetric trees': boosted('symmetric', 4),
  'symmetric trees with unreached leaves': boosted('symmetric', 8),
  'a deep forest': growForest(table, forestParameters({ trees: 3 }), 1),
};

describe.each(Object.entries(ENSEMBLES))('Shapley values of %s', (_name, ensemble) => {
  const explainer = createExplainer(ensemble);
  const score = createScorer(ensemble);
  const trees = [...ensemble.trees, ...ensemble.symmetric.map(unfold)];

  it('are those of the definition', () => {
    for (let index = 0; index < 12; index++) {
      const row = rowOf(table.columns, index);
      const values = new Float64Array(6);
      explainer.add(row, 0, values, 1);
      shapleyByDefinition(trees, row).forEach((value, feature) => expect(values[feature]).toBeCloseTo(value, 12));
    }
  });

  it('sum with the expected margin to the margin, for any weight, on top of what is there', () => {
    for (let index = 0; index < 100; index++) {
      const row = rowOf(table.columns, index);
      const values = new Float64Array(6).fill(1);
      explainer.add(row, 0, values, 0.25);
      const sum = values.reduce((all, value) => all + value, 0.25 * explainer.expectedMargin - 6);
      expect(sum).toBeCloseTo(0.25 * score(row, 0), 11);
    }
  });
});

/** Paths that test many features, some of them again: more than one sweep of the kernel takes at a time. */
it('the values of deep trees over many features sum to the margin, whatever is missing', () => {
  const wide = aLabelledTable({ rows: 1_500, features: 40, missing: 0.2, seed: 3 });
  const ensemble = growForest(wide, forestParameters({ trees: 4, columnsPerSplit: 1 }), 1);
  const explainer = createExplainer(ensemble);
  const score = createScorer(ensemble);
  for (let index = 0; index < 200; index++) {
    const row = rowOf(wide.columns, index);
    const values = new Float64Array(40);
    explainer.add(row, 0, values, 1);
    const sum = values.reduce((all, value) => all + value, explainer.expectedMargin);
    expect(sum).toBeCloseTo(score(row, 0), 12);
  }
});

it('explains trees without tests, and no trees, by nothing', () => {
  const leaf = { feature: Int32Array.of(-1), missingLeft: new Uint8Array(1), left: new Int32Array(1) };
  const numbers = { threshold: new Float64Array(1), value: Float64Array.of(2), cover: Float64Array.of(1) };
  const stump = { ...leaf, ...numbers, gain: new Float64Array(1) };
  for (const trees of [[], [stump]]) {
    const explainer = createExplainer({ featureCount: 2, baseMargin: 1, trees, symmetric: [] });
    const values = new Float64Array(2);
    explainer.add(Float64Array.of(1, NaN), 0, values, 1);
    expect([...values, explainer.expectedMargin]).toEqual([0, 0, 1 + 2 * trees.length]);
  }
});

interface GoldenCase {
  readonly trees: readonly Readonly<
    Record<'feature' | 'threshold' | 'missingLeft' | 'left' | 'value' | 'cover', number[]>
  >[];
  readonly rows: readonly (readonly (number | null)[])[];
  readonly contributions: readonly (readonly number[])[];
  readonly expected: number;
  readonly margins: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL('../golden/shap/trees.json', import.meta.url), 'utf8')) as Readonly<
  Record<'xgboost' | 'forest', GoldenCase>
>;

/** Decimals that agree: XGBoost sums in single precision, shap in double. */
describe.each([
  ['xgboost', 5],
  ['forest', 12],
] as const)('golden values of %s', (name, decimals) => {
  const { trees, rows, contributions, expected, margins } = golden[name];
  const ensemble: TreeEnsemble = {
    featureCount: 6,
    baseMargin: 0,
    symmetric: [],
    trees: trees.map((tree) => ({
      feature: Int32Array.from(tree.feature),
      threshold: Float64Array.from(tree.threshold),
      missingLeft: Uint8Array.from(tree.missingLeft),
      left: Int32Array.from(tree.left),
      value: Float64Array.from(tree.value),
      cover: Float64Array.from(tree.cover),
      gain: new Float64Array(tree.feature.length),
    })),
  };
  const explainer = createExplainer(ensemble);
  const score = createScorer(ensemble);

  it('are met by margins, expected margin and contributions', () => {
    expect(explainer.expectedMargin).toBeCloseTo(expected, decimals);
    rows.forEach((cells, index) => {
      const row = Float64Array.from(cells, (x) => x ?? NaN);
      expect(score(row, 0)).toBeCloseTo(margins[index]!, decimals);
      const values = new Float64Array(6);
      explainer.add(row, 0, values, 1);
      contributions[index]!.forEach((value, feature) => expect(values[feature]).toBeCloseTo(value, decimals));
    });
  });
});
