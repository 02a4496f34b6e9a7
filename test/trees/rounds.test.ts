/** The best split of a node, derived by hand, and what a round leaves behind. */
import { describe, expect, it } from 'vitest';
import { openBoostingTeam } from '../../src/trees/boost.ts';
import { codeTable } from '../../src/trees/code-table.ts';
import { meanLogLoss } from '../../src/trees/objective.ts';
import { type BoostingParameters, boostingParameters, GROWTH_POLICIES } from '../../src/trees/params.ts';
import { createScorer } from '../../src/trees/predict.ts';
import { createRounds } from '../../src/trees/rounds.ts';
import { aLabelledTable, rowOf } from '../support/labelled-rows.ts';
import { roundsOf } from '../support/tree-kernels.ts';

/** Best split of one column whose rows have these gradients and second derivative 1; undefined when there is none. */
function splitOf(values: number[], gradients: number[], given: Partial<BoostingParameters> = {}) {
  const parameters = { l2: 1, minimumChildWeight: 0, minimumGain: 0, maximumDepth: 1, learningRate: 1, ...given };
  const rounds = roundsOf([Float64Array.from(values)], new Uint8Array(values.length), parameters);
  rounds.pairs().set(gradients.flatMap((gradient) => [gradient, 1]));
  rounds.order().set(Uint32Array.from(values.keys()));
  const { threshold, missingLeft, gain, value, cover } = rounds.grow(values.length, Int32Array.of(0)).tree!;
  if (value.length === 1) return undefined;
  const leftGradient = -value[1]! * (cover[1]! + parameters.l2);
  return { threshold: threshold[0], missingLeft: missingLeft[0] === 1, gain: gain[0], leftGradient };
}

describe('a split', () => {
  it('saves half of what the squared sums over (rows + l2) gain', () => {
    // Left {1, 2}: 2²/(2+1); right {3}: 4²/(1+1); together −2: 2²/(3+1). Half of 4/3 + 8 − 1.
    const split = splitOf([1, 2, 3], [1, 1, -4])!;
    expect(split).toMatchObject({ threshold: 2.5, gain: (4 / 3 + 8 - 1) / 2 });
    expect(split.leftGradient).toBeCloseTo(2, 12);
  });

  it('is none when nothing is gained, or less than asked', () => {
    expect(splitOf([1, 2, 3, 4], [1, 1, 1, 1], { l2: 0 })).toBeUndefined();
    expect(splitOf([1, 2, 3], [1, 1, -4], { minimumGain: 5 })).toBeUndefined();
  });

  it('leaves each child the weight asked for', () => {
    expect(splitOf([1, 2, 3, 4], [9, -3, -3, -3])).toMatchObject({ threshold: 1.5 });
    expect(splitOf([1, 2, 3, 4], [9, -3, -3, -3], { minimumChildWeight: 2 })).toMatchObject({ threshold: 2.5 });
  });

  it('sends missing values to the side they resemble', () => {
    expect(splitOf([1, 2, 3, NaN], [2, 2, -2, -2])).toMatchObject({ threshold: 2.5, missingLeft: false });
    expect(splitOf([1, 2, 3, NaN], [2, 2, -2, 2])).toMatchObject({ threshold: 2.5, missingLeft: true });
  });

  it('can part the missing from all values', () => {
    expect(splitOf([1, 2, 3, NaN], [1, 1, 1, -5])).toMatchObject({ threshold: Infinity, missingLeft: false });
  });

  it('sends missing values it has never seen to the heavier side', () => {
    expect(splitOf([1, 2, 3], [1, 1, -4])).toMatchObject({ missingLeft: true });
    expect(splitOf([1, 2, 3], [4, -1, -1])).toMatchObject({ missingLeft: false });
  });

  it('is refused when its values run against a constraint', () => {
    const rising = { monotone: { 0: 1 } } as const;
    // Gradients fall with the feature, so values (minus the gradient) rise.
    expect(splitOf([1, 2, 3], [1, 1, -4], rising)).toMatchObject({ threshold: 2.5 });
    expect(splitOf([1, 2, 3], [-1, -1, 4], rising)).toBeUndefined();
  });
});

describe('a round', () => {
  const table = aLabelledTable({ rows: 3_000, features: 5, missing: 0.1 });
  const everyRow = Uint32Array.from(table.labels.keys());
  const features = Int32Array.of(0, 1, 2, 3, 4);

  it.each(GROWTH_POLICIES)(
    'adds to the margins what its %s tree gives, whether grown on all rows or on some',
    (growth) => {
      const rounds = roundsOf(table.columns, table.labels, { growth, maximumDepth: 5 });
      for (const count of [3_000, 1_500]) {
        const before = rounds.margins().slice();
        rounds.differentiate();
        rounds.order().set(everyRow);
        const { tree, symmetric } = rounds.grow(count, features);
        const ensemble = {
          featureCount: 5,
          baseMargin: 0,
          trees: tree ? [tree] : [],
          symmetric: symmetric ? [symmetric] : [],
        };
        const score = createScorer(ensemble);
        rounds.margins().forEach((margin, row) => {
          expect(margin).toBe(before[row]! + score(rowOf(table.columns, row), 0));
        });
      }
    },
  );

  it.each(GROWTH_POLICIES)('grows the same %s tree when few histograms fit into memory', (growth) => {
    const grow = (budgetBytes: number | undefined) => {
      const parameters = { growth, maximumDepth: 6, minimumChildWeight: 0.1 };
      const rounds = roundsOf(table.columns, table.labels, parameters, undefined, budgetBytes);
      rounds.differentiate();
      rounds.order().set(everyRow);
      return rounds.grow(3_000, features);
    };
    expect(grow(1)).toEqual(grow(undefined));
  });

  it('draws rows in order, each at most once, about as many as asked for and never none', () => {
    const rounds = roundsOf(table.columns, table.labels, { rowShare: 0.3 });
    const draw = (stream: number): number[] => [...rounds.order().subarray(0, rounds.draw(stream).count)];
    const first = draw(0);
    expect(first).toEqual([...new Set(first)].sort((a, b) => a - b));
    expect(Math.abs(first.length - 900)).toBeLessThan(150);
    expect(draw(5)).not.toEqual(first);
    expect(draw(0)).toEqual(first);
    const rare = roundsOf([Float64Array.of(1, 2)], Uint8Array.of(0, 1), { rowShare: 0.01 });
    for (let stream = 0; stream < 20; stream++) expect(rare.draw(stream).count).toBe(1);
  });

  it.each(GROWTH_POLICIES)('adds a %s tree to the check rows and tells their mean loss', (growth) => {
    const parameters = boostingParameters({ growth, maximumDepth: 4 });
    const check = aLabelledTable({ rows: 501, features: 5, missing: 0.1, seed: 2 });
    const team = openBoostingTeam(3_000, 5, parameters, 1, 501);
    const codes = codeTable(team, table.columns, 255, { check: check.columns });
    const weights = Float64Array.from({ length: 3_501 }, (_, row) => 1 + (row % 3));
    const labels = Uint8Array.from([...table.labels, ...check.labels]);
    const rounds = createRounds(team, codes, { labels, weights }, parameters);
    rounds.margins().fill(0.25);
    rounds.differentiate();
    const { tree, symmetric } = rounds.grow(3_000, features);
    const trees = { trees: tree ? [tree] : [], symmetric: symmetric ? [symmetric] : [] };
    const score = createScorer({ featureCount: 5, baseMargin: 0, ...trees });
    const margins = Float64Array.from(check.labels, (_, row) => 0.25 + score(rowOf(check.columns, row), 0));
    expect([...rounds.margins().subarray(3_000)]).toEqual([...margins]);
    expect(rounds.checkLoss()).toBeCloseTo(meanLogLoss(margins, check.labels, weights.subarray(3_000)), 13);
    team.close();
  });
});
