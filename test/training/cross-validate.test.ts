/** Folds: windows that grow with time, classes dealt evenly, and margins by models that had not seen the row. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandingFolds, foldQualities, outOfFoldMargins, stratifiedFolds } from '../../src/training/cross-validate.ts';
import { takeRows } from '../../src/training/table.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { createEncodedLearner } from '../../src/learners/encoded-model.ts';
import { createLogisticLearner } from '../../src/learners/logistic.ts';
import { type Learner } from '../../src/learners/protocol.ts';
import { aTrainingTable } from '../support/training-tables.ts';

describe('expandingFolds', () => {
  it('trains only on rows older than the test block by the gap, and tests each later row once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 12, maxLength: 80 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 40 }),
        (raw, count, gapMs) => {
          const timesMs = Float64Array.from(raw).sort();
          const folds = expandingFolds(timesMs, count, gapMs);
          const tested = folds.flatMap(({ testRows }) => [...testRows]);
          expect(new Set(tested).size).toBe(tested.length);
          for (const { trainRows, testRows } of folds) {
            if (testRows.length === 0) continue;
            const firstTest = timesMs[testRows[0]!]!;
            const expected = [...timesMs.keys()].filter((row) => timesMs[row]! < firstTest - (gapMs > 0 ? gapMs : 0));
            expect([...trainRows]).toEqual(expected);
          }
        },
      ),
    );
  });
});

describe('stratifiedFolds', () => {
  it('deals every row once and each class within one row of even', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 5, maxLength: 120 }), fc.integer(), (raw, seed) => {
        const labels = Uint8Array.from(raw, Number);
        const folds = stratifiedFolds(labels, 4, seed);
        expect(folds.flatMap(({ testRows }) => [...testRows]).sort((a, b) => a - b)).toEqual([...labels.keys()]);
        for (const label of [0, 1]) {
          const counts = folds.map(({ testRows }) => testRows.filter((row) => labels[row] === label).length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
        for (const { trainRows, testRows } of folds) expect(trainRows.length + testRows.length).toBe(labels.length);
      }),
    );
  });

  it('repeats itself for the same seed only', () => {
    const { labels } = aTrainingTable({ rows: 200 });
    expect(stratifiedFolds(labels, 3, 5)).toEqual(stratifiedFolds(labels, 3, 5));
    expect(stratifiedFolds(labels, 3, 5)).not.toEqual(stratifiedFolds(labels, 3, 6));
  });
});

/** Its margin is the number of rows it was trained on. */
const countingLearner: Learner = {
  name: 'counting',
  fit: ({ rows, names }) => ({
    kind: 'counting',
    featureCount: names.length,
    margin: () => rows,
    addContributions: (_row, _out, weight) => weight * rows,
    importance: () => new Float64Array(names.length),
    toDocument: () => ({ kind: 'counting', featureCount: names.length }),
  }),
};

describe('outOfFoldMargins', () => {
  it('gives each row the margin of the model that was trained before it, and NaN before the first', () => {
    const table = aTrainingTable({ rows: 1_000, intercept: -1 });
    const margins = outOfFoldMargins(countingLearner, table, expandingFolds(table.timesMs, 3, 0), { seed: 1 });
    expect([margins[0], margins[249], margins[250], margins[500], margins[999]]).toEqual([NaN, NaN, 250, 500, 750]);
  });

  it('refuses a fold that has nothing to learn from', () => {
    const table = aTrainingTable({ rows: 1_000, intercept: -1 });
    const quiet = takeRows(
      table,
      Uint32Array.from({ length: 1_000 }, (_, row) => row),
    );
    quiet.labels.fill(0, 0, 250);
    expect(() => outOfFoldMargins(countingLearner, quiet, expandingFolds(quiet.timesMs, 3, 0), { seed: 1 })).toThrow(
      /fold 1 trains on 0 frauds among 250/,
    );
  });
});

describe('foldQualities of margins out of fold', () => {
  it('measures each fold by a model that had not seen it', () => {
    const table = aTrainingTable({ rows: 2_000, intercept: -2 });
    const logistic = createEncodedLearner(createLogisticLearner('logistic'), { encodings: ['one-hot'] });
    for (const folds of [expandingFolds(table.timesMs, 3, DAY_MS), stratifiedFolds(table.labels, 3, 1)]) {
      const margins = outOfFoldMargins(logistic, table, folds, { seed: 1 });
      const qualities = foldQualities(table.labels, margins, folds);
      expect(qualities).toHaveLength(3);
      for (const { rocAuc, averagePrecision } of qualities) {
        expect(rocAuc).toBeGreaterThan(0.85);
        expect(averagePrecision).toBeGreaterThan(0.5);
      }
    }
  });
});

describe('takeRows', () => {
  it('gives any rows in the order asked for, and copies none that are consecutive', () => {
    const table = aTrainingTable({ rows: 30 });
    for (const rows of [Uint32Array.of(4, 5, 6, 7), Uint32Array.of(9, 2, 2, 20), new Uint32Array(0)]) {
      const taken = takeRows(table, rows);
      expect(taken.rows).toBe(rows.length);
      expect([...taken.amounts]).toEqual([...rows].map((row) => table.amounts[row]));
      expect([...taken.labels]).toEqual([...rows].map((row) => table.labels[row]));
      expect([...taken.customers]).toEqual([...rows].map((row) => table.customers[row]));
      taken.values.forEach((column, i) => expect([...column]).toEqual([...rows].map((row) => table.values[i]![row])));
      const isView = taken.amounts.buffer === table.amounts.buffer;
      expect(isView).toBe(rows.every((row, i) => row === rows[0]! + i));
    }
  });
});
