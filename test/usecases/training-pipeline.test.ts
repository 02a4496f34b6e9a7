/** What the library refuses before it computes anything; examples/train-a-model.ts shows it at work. */
import { describe, expect, it } from 'vitest';
import {
  createFeatureEngine,
  createLearner,
  createSimulation,
  type DatasetTable,
  type Evaluation,
  type LabelledTransaction,
  type LearnerName,
  type Model,
  type ModelCard,
  SentinelError,
  type SimulationOptions,
  simulationOf,
  type TrainedPipeline,
  TrainingPipeline,
  type TrainingPipelineOptions,
} from '../../src/index.ts';
import { type Calibrator } from '../../src/learners/calibration/calibrator.ts';
import { createScorer } from '../../src/scoring/score.ts';

const SETTINGS = { catalogue: 'sentinel', labelDelayMs: 0, utcOffsetMinutes: 0, merchantWindows: 'tiles' } as const;

describe('the library', () => {
  it.each(['nope', 'toString', ''])('names the learners there are when none is called %j', (name) => {
    const problem = `invalid learner: ${name} (expected one of logistic, tree, forest, `;
    expect(() => createLearner(name as LearnerName)).toThrow(problem);
    expect(() => new TrainingPipeline({ learners: ['logistic', name as LearnerName] })).toThrow(problem);
  });

  it.each([
    ['catalogue', 'nope', 'invalid catalogue: nope (expected one of sentinel, handbook)'],
    ['merchantWindows', 'nope', 'invalid merchantWindows: nope (expected one of tiles, exact)'],
    ['labelDelayMs', NaN, 'invalid labelDelayMs: NaN (expected a number from 0)'],
    ['labelDelayMs', -1, 'invalid labelDelayMs: -1 (expected a number from 0)'],
    ['labelDelayMs', Infinity, 'invalid labelDelayMs: Infinity (expected a number from 0)'],
    ['utcOffsetMinutes', NaN, 'invalid utcOffsetMinutes: NaN (expected a number)'],
  ])('refuses features with %s %s', (name, value, problem) => {
    const features = { ...SETTINGS, [name]: value };
    expect(() => createFeatureEngine(features)).toThrow(problem);
    expect(() => new TrainingPipeline({ features })).toThrow(problem);
  });
});

describe('a pipeline', () => {
  it.each([
    [{ learners: [] }, 'invalid learners: none (expected one or more)'],
    [{ learners: ['tree', 'tree'] }, 'invalid learners: two are called tree'],
    [{ servingBudgetUs: NaN }, 'invalid servingBudgetUs: NaN'],
    [{ replicates: -1 }, 'invalid replicates: -1 (expected a whole number from 0)'],
    [{ replicates: 1.5 }, 'invalid replicates: 1.5'],
    [{ seed: NaN }, 'invalid seed: NaN'],
    [{ costs: {} }, 'invalid chargebackFee of the costs: undefined (expected a number from 0)'],
    [{ costs: { chargebackFee: 1, reviewCost: 1, churnShare: 15 } }, 'invalid churnShare of the costs: 15'],
    [{ validation: { method: 'random', folds: 2 } }, 'invalid validation: random (expected one of temporal, '],
    [{ validation: { method: 'temporal', folds: 0 } }, 'invalid folds: 0 (expected a whole number from 1)'],
    [{ validation: { method: 'temporal', folds: NaN } }, 'invalid folds: NaN'],
    [{ validation: { method: 'stratified', folds: 1 } }, 'invalid folds: 1 (expected a whole number from 2)'],
    [{ thresholdRule: { kind: 'best' } }, 'invalid threshold rule: best (expected one of fixed, cost-optimal, '],
    [
      { thresholdRule: { kind: 'cost-optimal', blockPrecision: 50 } },
      'invalid blockPrecision of the rule cost-optimal: 50',
    ],
  ])('refuses %j before anything is computed', (options, problem) => {
    expect(() => new TrainingPipeline(options as TrainingPipelineOptions)).toThrow(problem);
  });
});

describe('what the library gives', () => {
  it('has types with names, so that a program can write declarations of its own', () => {
    const named = (table: DatasetTable, card: ModelCard, evaluation: Evaluation): readonly unknown[] => {
      const given: [
        Awaited<ReturnType<TrainingPipeline['table']>>,
        TrainedPipeline['card'],
        Awaited<ReturnType<TrainedPipeline['evaluate']>>,
      ] = [table, card, evaluation];
      return given;
    };
    expect(named).toHaveLength(3);
  });

  it('fails by a class that a program can tell', async () => {
    await expect(new TrainingPipeline().fit([])).rejects.toBeInstanceOf(SentinelError);
  });
});

describe('a simulation', () => {
  it.each([
    [{ transactions: NaN }, 'invalid transactions: NaN (expected a whole number from 0, or Infinity)'],
    [{ transactions: -1 }, 'invalid transactions: -1'],
    [{ startMs: NaN }, 'invalid startMs: NaN'],
    [{ silenceMs: NaN }, 'invalid silenceMs: NaN'],
    [{ labelDelay: { medianMs: 1 } }, 'invalid sigma: undefined'],
    [{ holdOut: { campaign: 'nope', untilMs: 1 } }, 'invalid holdOut: nope (expected one of '],
  ])('refuses %j, which ran for ever or did nothing', (options, problem) => {
    expect(() => createSimulation(simulationOf(options as Partial<SimulationOptions>)).next()).toThrow(problem);
  });
});

describe('a scorer', () => {
  const scorer = createScorer('v1', { featureCount: 3, margin: () => 0 } as unknown as Model, {} as Calibrator);

  it.each([2, 4])('refuses a vector of %i values where its model reads 3', (length) => {
    const problem = `invalid vector: ${length} values (model v1 reads 3)`;
    expect(() => scorer.score(new Float64Array(length))).toThrow(new RangeError(problem));
  });
});

describe('payments of a program', () => {
  const payments = [...createSimulation(simulationOf({ transactions: 20, users: 5, fraudShare: 0.3 }))];
  const tableOf = (given: readonly LabelledTransaction[]) => new TrainingPipeline().table(given);
  const changed = (index: number, change: (payment: LabelledTransaction) => object): readonly LabelledTransaction[] =>
    payments.with(index, { ...payments[index]!, ...change(payments[index]!) } as LabelledTransaction);
  const id = payments[3]!.transaction.transactionId;

  it.each([
    ['amountMinor', 19.99 * 100, '1998.9999999999998 (expected a whole number of minor units from 0)'],
    ['amountMinor', NaN, 'NaN (expected a whole number of minor units from 0)'],
    ['amountMinor', -1, '-1 (expected a whole number of minor units from 0)'],
    ['amountMinor', '100', '100 (expected a whole number of minor units from 0)'],
    ['eventTimeMs', NaN, 'NaN (expected epoch milliseconds)'],
    ['userId', undefined, 'undefined (expected a text)'],
    ['merchantId', 7, '7 (expected a text)'],
  ])('are refused with %s %s', async (name, value, problem) => {
    const given = changed(3, ({ transaction }) => ({ transaction: { ...transaction, [name]: value } }));
    await expect(tableOf(given)).rejects.toThrow(new RangeError(`invalid ${name} of payment ${id}: ${problem}`));
  });

  it.each([
    ['isFraud', 1, '1 (expected true or false)'],
    ['isFraud', 'false', 'false (expected true or false)'],
    ['arrivalMs', undefined, 'undefined (expected epoch milliseconds)'],
    ['arrivalMs', NaN, 'NaN (expected epoch milliseconds)'],
  ])('are refused with a label whose %s is %j', async (name, value, problem) => {
    const given = changed(3, ({ label }) => ({ label: { ...label, [name]: value } }));
    await expect(tableOf(given)).rejects.toThrow(new RangeError(`invalid label.${name} of payment ${id}: ${problem}`));
  });

  it('are refused when one comes twice, which was blamed on a feature', async () => {
    const problem = `invalid transactionId of payment ${id}: ${id} (expected an id that no payment had before)`;
    await expect(tableOf([...payments.slice(0, 4), ...payments.slice(3)])).rejects.toThrow(new RangeError(problem));
  });

  it('are named without the card number that their id may be', async () => {
    const given = changed(3, ({ transaction }) => ({
      transaction: { ...transaction, transactionId: '4111111111111111', amountMinor: 0.5 },
    }));
    await expect(tableOf(given)).rejects.toThrow(/^invalid amountMinor of payment (?!4111111111111111).*1111: 0\.5/);
  });

  it('may have labels from before them, which are then known with them, or that never arrive', async () => {
    const { transaction } = payments[3]!;
    const early = await tableOf(
      changed(3, () => ({ label: { isFraud: true, arrivalMs: transaction.eventTimeMs - 1 } })),
    );
    expect(early.labelsKnownMs[3]).toBe(transaction.eventTimeMs);
    const never = await tableOf(changed(3, () => ({ label: { isFraud: true, arrivalMs: Infinity } })));
    expect(never.labelsKnownMs[3]).toBe(Infinity);
  });
});
