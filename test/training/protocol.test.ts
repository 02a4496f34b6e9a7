/** The Handbook's protocol on a table of its shape. */
import { describe, expect, it } from 'vitest';
import { rankedCounts } from '../../src/metrics/ranked-counts.ts';
import { rocAuc } from '../../src/metrics/roc-auc.ts';
import { marginsOf } from '../../src/learners/margins.ts';
import { runProtocol } from '../../src/training/protocol.ts';
import { prequentialFolds, rowsIn, testRowsWithoutKnownFrauds } from '../../src/training/split.ts';
import { takeRows } from '../../src/training/table.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { QUICK_LEARNERS } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const FROM_MS = Date.UTC(2026, 0, 1);
const table = aTrainingTable({ rows: 4_000, days: 40, intercept: -2.5, fromMs: FROM_MS });
const folds = prequentialFolds(FROM_MS + 14 * DAY_MS, 2, { trainDays: 10, delayDays: 4, testDays: 10 });
const results = runProtocol(table, QUICK_LEARNERS, folds, { seed: 1, replicates: 40, stackFolds: 2 });

describe('runProtocol', () => {
  it('reports every learner and the stack, fold by fold', () => {
    expect(results.map(({ learner }) => learner)).toEqual(['logistic', 'boosting', 'stack']);
    for (const { folds: values, mean } of results) {
      expect(values).toHaveLength(2);
      expect(mean.rocAuc.value).toBeCloseTo((values[0]!.rocAuc + values[1]!.rocAuc) / 2, 12);
      expect(mean.rocAuc.low).toBeLessThan(mean.rocAuc.value);
      expect(mean.rocAuc.high).toBeGreaterThan(mean.rocAuc.value);
    }
  });

  it('fits on the training period alone and tests without known frauds', () => {
    const fold = folds[0]!;
    const model = QUICK_LEARNERS[0]!.fit(takeRows(table, rowsIn(table.timesMs, fold.train)), { seed: 1 });
    const test = takeRows(table, testRowsWithoutKnownFrauds(table, fold));
    expect(test.rows).toBeLessThan(rowsIn(table.timesMs, fold.test).length);
    expect(results[0]!.folds[0]!.rocAuc).toBe(rocAuc(rankedCounts(test.labels, marginsOf(model, test))));
  });
});
