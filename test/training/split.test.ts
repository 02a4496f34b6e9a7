/** Periods in order of time, the gap for labels, and the Handbook's folds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/domain/time.ts';
import {
  firstRowFrom,
  foldFrom,
  HANDBOOK_LENGTHS,
  HANDBOOK_SINGLE_FROM_MS,
  HANDBOOK_TEST_FROM_MS,
  HANDBOOK_VALIDATION_FROM_MS,
  PERIOD_NAMES,
  prequentialFolds,
  rowsIn,
  testRowsWithoutKnownFrauds,
  timeOrderedPeriods,
  trainedFor,
  trainingEndMs,
} from '../../src/training/split.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

describe('timeOrderedPeriods', () => {
  it('never lets a period begin before the one before it ends, and leaves the label delay before the test', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 20 }), (seed, delayDays) => {
        const table = aTrainingTable({ seed, rows: 3_000, intercept: -2 });
        const periods = timeOrderedPeriods(table, delayDays * DAY_MS);
        const { train, earlyStopping, calibration, policy, test } = periods;
        expect(train.toMs).toBe(earlyStopping.fromMs);
        expect(trainingEndMs(table.timesMs, delayDays * DAY_MS)).toBe(train.toMs);
        expect(earlyStopping.toMs).toBe(calibration.fromMs);
        expect(calibration.toMs).toBe(policy.fromMs);
        expect(policy.toMs).toBe(test.fromMs - delayDays * DAY_MS);
        const seen = PERIOD_NAMES.flatMap((name) => [...rowsIn(table.timesMs, periods[name])]);
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.at(-1)).toBe(table.rows - 1);
      }),
      { numRuns: 30 },
    );
  });

  it('gives the test the share asked for, and the others theirs of what is known before it', () => {
    const table = aTrainingTable({ rows: 10_000, intercept: -2 });
    const periods = timeOrderedPeriods(table, 6 * DAY_MS);
    const sizes = PERIOD_NAMES.map((name) => rowsIn(table.timesMs, periods[name]).length);
    // 15 % of 60 days is the test, 6 days the gap: 45 days or 7,500 rows remain.
    expect(sizes).toEqual([5_250, 750, 750, 750, 1_500]);
  });

  it('refuses data that the label delay leaves nothing of, saying how long both are', () => {
    const table = aTrainingTable({ rows: 1_000, days: 20, intercept: -2 });
    expect(() => timeOrderedPeriods(table, 30 * DAY_MS)).toThrow(/span 17 days, less than the label delay of 30 days/);
  });

  it('refuses a period without frauds, naming it', () => {
    const table = aTrainingTable({ rows: 1_000, intercept: -2 });
    table.labels.fill(0, 850);
    expect(() => timeOrderedPeriods(table, 0)).toThrow(/test period holds 0 frauds/);
    table.labels.fill(0);
    expect(() => timeOrderedPeriods(table, 0)).toThrow(/train period holds 0 frauds/);
  });
});

describe('rowsIn', () => {
  it('takes exactly the rows whose time lies in the period', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.nat(60), fc.nat(60), (raw, fromMs, toMs) => {
        const timesMs = Float64Array.from(raw).sort();
        const expected = [...timesMs.keys()].filter((row) => timesMs[row]! >= fromMs && timesMs[row]! < toMs);
        expect([...rowsIn(timesMs, { fromMs, toMs })]).toEqual(expected);
        expect(firstRowFrom(timesMs, fromMs)).toBe([...timesMs].filter((time) => time < fromMs).length);
      }),
    );
  });
});

describe('the Handbook’s folds', () => {
  it('are the published dates', () => {
    const single = foldFrom(HANDBOOK_SINGLE_FROM_MS, HANDBOOK_LENGTHS);
    expect([single.train.fromMs, single.train.toMs, single.test.fromMs, single.test.toMs].map(dayOf)).toEqual([
      '2018-07-25',
      '2018-08-01',
      '2018-08-08',
      '2018-08-15',
    ]);
    const starts = (fromMs: number): string[] =>
      prequentialFolds(fromMs, 4, HANDBOOK_LENGTHS).map(({ train }) => dayOf(train.fromMs));
    expect(starts(HANDBOOK_TEST_FROM_MS)).toEqual(['2018-07-25', '2018-08-01', '2018-08-08', '2018-08-15']);
    expect(starts(HANDBOOK_VALIDATION_FROM_MS)).toEqual(['2018-06-20', '2018-06-27', '2018-07-04', '2018-07-11']);
  });

  it('leave out customers defrauded in training or known by then', () => {
    const fold = foldFrom(0, { trainDays: 2, delayDays: 2, testDays: 3 }); // train days 0–1, test days 4–6
    const payments: (readonly [day: number, customer: number, fraud: number])[] = [
      [1, 0, 1],
      [2, 1, 1],
      [3, 2, 1],
      [4, 0, 0], // defrauded in training: out
      [4, 1, 0], // its fraud of day 2 is known only from day 5 on: in
      [4, 2, 0],
      [4, 3, 1],
      [5, 1, 0], // day 2 ≤ 5 − 2 − 1: out
      [5, 2, 0],
      [6, 2, 0], // day 3 ≤ 6 − 2 − 1: out
      [6, 3, 0], // day 4 not yet known: in
    ];
    const table = {
      timesMs: Float64Array.from(payments, ([day]) => day * DAY_MS + 1),
      labels: Uint8Array.from(payments, ([, , fraud]) => fraud),
      customers: Uint32Array.from(payments, ([, customer]) => customer),
    };
    expect([...testRowsWithoutKnownFrauds(table, fold)]).toEqual([4, 5, 6, 8, 10]);
    // A longer training changes what is learnt from, not who is tested.
    const longer = trainedFor(fold, 30);
    expect(longer.train).toEqual({ fromMs: fold.train.toMs - 30 * DAY_MS, toMs: fold.train.toMs });
    expect([...testRowsWithoutKnownFrauds(table, longer)]).toEqual([4, 5, 6, 8, 10]);
  });
});
