/** Tests on sets of categories: the best there are, and what happens to values that no training row had. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';
import { boost, type BoostedTrees, boostOn, openBoostingTeam } from '../../src/trees/boost.ts';
import { codeTable } from '../../src/trees/code-table.ts';
import { MARGINS as MARGINS_FIELD } from '../../src/trees/job.ts';
import { type BoostingParameters, boostingParameters } from '../../src/trees/params.ts';
import { createRounds } from '../../src/trees/rounds.ts';
import { full } from '../support/tree-kernels.ts';
import { aLabelledTable } from '../support/labelled-rows.ts';

const CATEGORIES = 12;

/** Three numeric features and a category that says much about the label; some categories are rare, some cells empty. */
function aTable({ rows = 3_000, seed = 1 } = {}) {
  const { columns, labels } = aLabelledTable({ rows, seed, features: 3, missing: 0.05 });
  const random = createRandom(seed);
  const category = Float64Array.from(labels, () =>
    random.next() < 0.05 ? NaN : Math.floor(CATEGORIES * random.next() ** 2),
  );
  const risky = (code: number): boolean => code === 1 || code === 4 || code === 7;
  const flipped = labels.map((label, row) => (risky(category[row]!) && random.next() < 0.7 ? 1 : label));
  return { columns: [...columns, category], labels: flipped, categorical: new Set([3]) };
}

/** The margin of a row, its sets looked up one by one. */
function marginOf({ trees, sets, baseMargin, featureCount }: BoostedTrees, row: readonly number[]): number {
  const first = featureCount - sets.length;
  const cell = (column: number): number => {
    if (column < first) return row[column]!;
    const { feature, codes } = sets[column - first]!;
    return Number.isNaN(row[feature]) ? NaN : codes.includes(row[feature]!) ? 1 : 0;
  };
  return trees.reduce((sum, tree) => {
    let node = 0;
    for (let column = tree.feature[0]!; column >= 0; column = tree.feature[node]!) {
      const x = cell(column);
      const right = Number.isNaN(x) ? tree.missingLeft[node] === 0 : x >= tree.threshold[node]!;
      node = tree.left[node]! + (right ? 1 : 0);
    }
    return sum + tree.value[node]!;
  }, baseMargin);
}

const free = { l2: 1, minimumChildWeight: 0, learningRate: 1, categorySmoothing: 0 } as const;

/** The only split of one categorical column whose rows have these gradients and second derivative 1. */
function splitOf(codes: readonly number[], gradients: readonly number[], given: Partial<BoostingParameters> = {}) {
  const parameters = boostingParameters({ ...free, maximumDepth: 1, maximumLeaves: 2, ...given });
  const team = openBoostingTeam(codes.length, 1, parameters, 1);
  const table = codeTable(team, [Float64Array.from(codes)], 255, { categorical: new Set([0]) });
  const labels = new Uint8Array(codes.length);
  const rounds = createRounds(team, table, { labels, weights: new Float64Array(codes.length).fill(1) }, parameters);
  rounds.pairs().set(gradients.flatMap((gradient) => [gradient, 1]));
  const { gain, missingLeft } = rounds.grow(codes.length, Int32Array.of(0)).tree!;
  team.close();
  return { gain: gain[0]!, right: [...(rounds.sets[0]?.codes ?? [])], missingLeft: missingLeft[0] === 1 };
}

describe('a test on categories', () => {
  it('saves as much as the best of all sets', () => {
    const row = fc.record({ code: fc.integer({ min: 0, max: 5 }), gradient: fc.integer({ min: -8, max: 8 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 20 }), (rows) => {
        const score = (chosen: typeof rows): number =>
          chosen.reduce((sum, { gradient }) => sum + gradient, 0) ** 2 / (chosen.length + 1);
        let best = score(rows);
        for (let set = 1; set < 63; set++) {
          const sides = [1, 0].map((side) => rows.filter(({ code }) => ((set >> code) & 1) === side));
          if (sides.every(({ length }) => length > 0)) best = Math.max(best, score(sides[0]!) + score(sides[1]!));
        }
        const { gain } = splitOf(
          rows.map(({ code }) => code),
          rows.map(({ gradient }) => gradient),
        );
        expect(gain).toBeCloseTo((best - score(rows)) / 2, 9);
      }),
      { numRuns: 200 },
    );
  });

  it('sends missing values and codes that come later to the side that missing values resemble', () => {
    // Codes 0 and 2 fall, 1 and the missing rise; the missing side is the left.
    expect(splitOf([0, 1, 2, NaN], [3, -3, 3, -3])).toMatchObject({ right: [0, 2], missingLeft: true });
    expect(splitOf([0, 1, 2, NaN], [3, -3, 3, 3])).toMatchObject({ right: [1], missingLeft: true });
  });

  it('sends them to the heavier side when none is missing', () => {
    expect(splitOf([0, 1, 2, 5], [3, -3, 3, 3])).toMatchObject({ right: [1], missingLeft: true });
  });

  it('names no more categories on the smaller side than it may', () => {
    const codes = [0, 1, 2, 3, 4, 5];
    expect(splitOf(codes, [3, 3, 3, -3, -3, -3]).right).toHaveLength(3);
    const { right } = splitOf(codes, [3, 3, 3, -3, -3, -3], { categoriesPerSide: 1 });
    expect(Math.min(right.length, 6 - right.length)).toBe(1);
  });

  it('is the less worth the more the smoothing holds categories back', () => {
    const gainAt = (categorySmoothing: number) => splitOf([0, 1], [3, -3], { categorySmoothing }).gain;
    expect(gainAt(1)).toBeLessThan(gainAt(0));
  });
});

const parameters = boostingParameters({ rounds: 20, maximumDepth: 5, minimumChildWeight: 0.1, categorySmoothing: 1 });

describe.each(['leaf-wise', 'depth-wise'] as const)('%s boosting with categories', (growth) => {
  const table = aTable();

  it('gives the same bytes for any number of threads', async () => {
    const wide = aTable({ rows: 12_000 });
    const given = boostingParameters({ ...parameters, growth, rounds: 6, rowShare: 0.9, patience: 3 });
    const hashes = [];
    for (const threads of [1, 2, 3]) {
      const team = await full(openBoostingTeam(12_000, 4, given, threads, 3_000));
      const trees = boostOn(team, wide, given, 1, table);
      hashes.push(createHash('sha256').update(JSON.stringify(trees)).digest('hex'));
      team.close();
    }
    expect(hashes).toEqual(new Array(3).fill(hashes[0]));
  });

  it('gives the training rows the margins that its trees and sets give them', () => {
    for (const rowShare of [1, 0.6]) {
      const given = boostingParameters({ ...parameters, growth, rowShare });
      const team = openBoostingTeam(3_000, 4, given, 1);
      const trees = boostOn(team, table, given, 1);
      const { doubles, get } = team.arena;
      const margins = doubles(get(MARGINS_FIELD), 3_000);
      for (let row = 0; row < 3_000; row += 7) {
        const cells = table.columns.map((column) => column[row]!);
        expect(marginOf(trees, cells)).toBeCloseTo(margins[row]!, 12);
      }
      team.close();
    }
  });

  it('treats a code it has never seen as missing at every such test', () => {
    const trees = boost(table, boostingParameters({ ...parameters, growth }), 1);
    expect(trees.sets.length).toBeGreaterThan(0);
    for (let row = 0; row < 50; row++) {
      const cells = [0, 1, 2].map((column) => table.columns[column]![row]!);
      expect(marginOf(trees, [...cells, 200])).toBe(marginOf(trees, [...cells, NaN]));
    }
  });
});

describe('categories are refused', () => {
  const table = aTable({ rows: 300 });
  it.each([-1, 0.5, 254, Infinity])('when a value is no code: %s', (code) => {
    const columns = [...table.columns.slice(0, 3), table.columns[3]!.map((x, row) => (row === 9 ? code : x))];
    expect(() => boost({ ...table, columns }, parameters, 1)).toThrow('expected codes from 0 to 253');
  });

  it('by symmetric trees, and where an order is asked for', () => {
    expect(() => boost(table, boostingParameters({ growth: 'symmetric' }), 1)).toThrow('take no categories');
    expect(() => boost(table, boostingParameters({ monotone: { 3: 1 } }), 1)).toThrow('have no order');
  });
});
