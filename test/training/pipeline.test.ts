/** The pipeline from table to champion: what each decision rests on, and that it repeats itself. */
import { describe, expect, it } from 'vitest';
import { modelFromDocument } from '../../src/learners/documents.ts';
import { marginsOf } from '../../src/learners/margins.ts';
import { type TrainedEnsemble, TRAINING_STAGES, trainEnsemble } from '../../src/training/pipeline.ts';
import { PERIOD_NAMES, rowsIn } from '../../src/training/split.ts';
import { takeRows } from '../../src/training/table.ts';
import { aTrainedEnsemble, quickOptions } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const table = aTrainingTable({ rows: 6_000, intercept: -3 });
const trained = aTrainedEnsemble(table);

/** Everything a decision is made with. */
const decisive = ({ champion, calibration, thresholds }: TrainedEnsemble): string =>
  JSON.stringify([champion.name, champion.model.toDocument(), calibration.calibrator.toDocument(), thresholds]);

describe('trainEnsemble', () => {
  it('learns what there is to learn', () => {
    // The labels’ own log-odds reach about .93 on this kind of table.
    expect(trained.evaluations.test.metrics.rocAuc.value).toBeGreaterThan(0.88);
    expect(trained.evaluations.test.metrics.calibrationError.value).toBeLessThan(0.04);
    expect(trained.importance[0]!.feature).toBe('strong');
  });

  it('proposes each learner and their stack, the best within the budget as champion', () => {
    expect(trained.candidates.map(({ name }) => name).sort()).toEqual(['boosting', 'logistic', 'stack']);
    const qualities = trained.candidates.map(({ averagePrecision }) => averagePrecision);
    expect(qualities).toEqual(qualities.toSorted((a, b) => b - a));
    expect(trained.champion).toBe(trained.candidates[0]);
    const poor = aTrainedEnsemble(table, { servingBudgetUs: 20 });
    expect(poor.champion.name).not.toBe('stack');
    expect(poor.candidates.find(({ name }) => name === 'stack')?.withinBudget).toBe(false);
  });

  it('refuses when every candidate is dearer than the budget, naming the cheapest', () => {
    expect(() => aTrainedEnsemble(table, { servingBudgetUs: 5 })).toThrow(/cheapest needs 10\.0 µs/);
  });

  it('takes the candidate asked for, however dear', () => {
    expect(aTrainedEnsemble(table, { servingBudgetUs: 5, champion: 'stack' }).champion.name).toBe('stack');
    expect(() => aTrainedEnsemble(table, { champion: 'oracle' })).toThrow(/no candidate is named oracle; there are/);
  });

  it('gives the same bits for the same seed', () => {
    expect(decisive(aTrainedEnsemble(table))).toBe(decisive(trained));
  });

  it('decides nothing by the test period: other test labels change the evaluation only', () => {
    const other = { ...table, labels: table.labels.slice() };
    for (const row of rowsIn(table.timesMs, trained.periods.test)) other.labels[row] = row % 3 === 0 ? 1 : 0;
    const retrained = aTrainedEnsemble(other, { periods: trained.periods });
    expect(decisive(retrained)).toBe(decisive(trained));
    expect(retrained.evaluations.test.metrics.rocAuc.value).not.toBe(trained.evaluations.test.metrics.rocAuc.value);
  });

  it('does not look at rows between policy and test, whose labels are not known yet', () => {
    const other = { ...table, labels: table.labels.slice() };
    const { policy, test } = trained.periods;
    const gap = rowsIn(table.timesMs, { fromMs: policy.toMs, toMs: test.fromMs });
    expect(gap.length).toBeGreaterThan(300);
    for (const row of gap) other.labels[row] = 1;
    expect(decisive(aTrainedEnsemble(other, { periods: trained.periods }))).toBe(decisive(trained));
  });

  it('makes a champion that survives its document bit for bit', () => {
    const again = modelFromDocument(JSON.parse(JSON.stringify(trained.champion.model.toDocument())));
    const rows = takeRows(table, rowsIn(table.timesMs, trained.periods.test));
    expect(marginsOf(again, rows)).toEqual(trained.test.margins);
  });

  it('evaluates every period, the training period without intervals', () => {
    for (const name of PERIOD_NAMES) {
      const { payments, metrics } = trained.evaluations[name];
      expect(payments).toBe(rowsIn(table.timesMs, trained.periods[name]).length);
      expect(Number.isNaN(metrics.rocAuc.low)).toBe(name === 'train');
    }
  });

  it('fits a single learner once, since there is nothing to stack', () => {
    const fits: number[] = [];
    const [learner] = quickOptions({}).learners;
    const onProgress = (stage: string, fraction: number): void => void (stage === 'fit' && fits.push(fraction));
    const { candidates } = trainEnsemble(table, quickOptions({ learners: [learner!], onProgress }));
    expect(fits).toEqual([1]);
    expect(candidates.map(({ members }) => members)).toEqual([[learner!.name]]);
  });

  it('reports its stages in order, each up to the end', () => {
    const seen: [string, number][] = [];
    trainEnsemble(table, quickOptions({ selectFeatures: true, onProgress: (stage, fraction) => seen.push([stage, fraction]) })); // prettier-ignore
    expect([...new Set(seen.map(([stage]) => stage))]).toEqual(TRAINING_STAGES);
    for (const stage of TRAINING_STAGES) {
      const fractions = seen.filter(([name]) => name === stage).map(([, fraction]) => fraction);
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
    }
    // Two learners, each fitted on two growing windows and on all rows.
    expect(seen.filter(([stage]) => stage === 'fit')).toHaveLength(6);
  });

  it('refuses a table that does not fit together or is out of order', () => {
    expect(() => aTrainedEnsemble({ ...table, labels: table.labels.slice(1) })).toThrow(/labels has 5999 values/);
    expect(() => aTrainedEnsemble({ ...table, timesMs: table.timesMs.toReversed() })).toThrow(/earlier than the row/);
    expect(() => aTrainedEnsemble({ ...table, labels: new Uint8Array(table.rows) })).toThrow(/holds 0 frauds/);
  });
});
