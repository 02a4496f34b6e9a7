/** Every way to split keeps its word: no row twice, no test row learnt from, time and gap where promised. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slidingFolds } from '../../src/training/cross-validate.ts';
import { foldsOf, VALIDATIONS } from '../../src/training/validation.ts';
import { aTrainedEnsemble, quickOptions } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const aHistory = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.boolean()), { minLength: 20, maxLength: 120 })
  .map((rows) => rows.toSorted(([a], [b]) => a - b))
  .map((rows) => ({
    timesMs: Float64Array.from(rows, ([time]) => time),
    labels: Uint8Array.from(rows, ([, fraud]) => Number(fraud)),
  }));
const options = fc.record({ gapMs: fc.integer({ min: 0, max: 200 }), seed: fc.integer() });

describe.each(VALIDATIONS)('%s folds', (method) => {
  it('are as many as asked for, test no row twice and learn from none they test; rows rise', () => {
    fc.assert(
      fc.property(aHistory, fc.integer({ min: 2, max: 6 }), options, (history, count, given) => {
        const folds = foldsOf({ method, folds: count }, history, given);
        expect(folds).toHaveLength(count);
        const tested = folds.flatMap(({ testRows }) => [...testRows]);
        expect(new Set(tested).size).toBe(tested.length);
        for (const { trainRows, testRows } of folds) {
          const learnt = new Set(trainRows);
          expect(testRows.some((row) => learnt.has(row))).toBe(false);
          for (const rows of [trainRows, testRows]) expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
          if (method !== 'stratified' && testRows.length > 0) {
            const gapMs = method === 'prequential' ? given.gapMs : 0;
            const firstTestMs = history.timesMs[testRows[0]!]!;
            expect(trainRows.every((row) => history.timesMs[row]! < firstTestMs - gapMs + 1e-9)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('slidingFolds', () => {
  it('slides windows of one length by that length, each tested after the gap', () => {
    const timesMs = Float64Array.from({ length: 110 }, (_, hour) => hour);
    const folds = slidingFolds(timesMs, 4, 10);
    expect(folds.map(({ trainRows }) => [trainRows[0], trainRows.at(-1)])).toEqual([[0, 19], [20, 39], [40, 59], [60, 79]]); // prettier-ignore
    expect(folds.map(({ testRows }) => [testRows[0], testRows.at(-1)])).toEqual([[30, 49], [50, 69], [70, 89], [90, 109]]); // prettier-ignore
  });
});

describe('trainEnsemble with a validation', () => {
  const table = aTrainingTable({ rows: 4_000, intercept: -2.5 });

  it.each(VALIDATIONS)('reports how each learner ranked the test rows of %s folds', (method) => {
    const trained = aTrainedEnsemble(table, { validation: { method, folds: 3 } });
    for (const { members, folds } of trained.candidates) {
      expect(folds).toHaveLength(members.length === 1 ? 3 : 0);
      for (const { rocAuc } of folds) expect(rocAuc).toBeGreaterThan(0.8);
    }
  });

  it('tests a single learner too when asked to', () => {
    const [learner] = quickOptions().learners;
    const trained = aTrainedEnsemble(table, { learners: [learner!], validation: { method: 'temporal', folds: 2 } });
    expect(trained.champion.folds).toHaveLength(2);
  });

  it('tells the time of each fit by the clock given, a stack’s being that of its members', () => {
    let nowUs = 0;
    const trained = aTrainedEnsemble(table, { clockUs: () => (nowUs += 500_000) });
    const seconds = Object.fromEntries(trained.candidates.map(({ name, fitSeconds }) => [name, fitSeconds]));
    expect(seconds).toEqual({ logistic: 0.5, boosting: 0.5, stack: 1 });
  });
});
