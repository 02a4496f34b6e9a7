/** Tuning end to end without threads: resumption, pruning by fold, several at a time, and an end at the user's word. */
import { describe, expect, it } from 'vitest';
import { type TrialStore } from '../../src/ports/trial-store.ts';
import { expandingFolds } from '../../src/training/cross-validate.ts';
import { tunableOf } from '../../src/training/tuning/learner-spaces.ts';
import { tunedLearner } from '../../src/training/tuning/learner-spaces.ts';
import { trialSteps } from '../../src/training/tuning/run-trial.ts';
import { type Trial, valueOf } from '../../src/training/tuning/study.ts';
import { type TrialRunner, tuneLearner, type Tuning } from '../../src/usecases/tune-learner.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const table = aTrainingTable({ rows: 1_500, intercept: -2 });
const folds = expandingFolds(table.timesMs, 3, 0);
const { space } = tunableOf('logistic');

const runner: TrialRunner = async ({ settings }, goesOn) => {
  const steps: number[] = [];
  for (const value of trialSteps(tunedLearner('logistic', settings), table, folds, 1)) {
    steps.push(value);
    await Promise.resolve();
    if (steps.length < folds.length && !goesOn(steps)) return { steps, state: 'pruned' };
  }
  return { steps, state: 'complete' };
};

function aStore(kept: Trial[] = []): TrialStore & { readonly kept: Trial[] } {
  return {
    kept,
    load: () => Promise.resolve([...kept]),
    append: (trial) => Promise.resolve(void kept.push(trial)),
  };
}

const tuning = (overrides: Partial<Tuning> = {}): Tuning => ({
  space,
  seed: 1,
  startup: 5,
  pruning: 'median',
  trials: 14,
  store: aStore(),
  runners: [runner],
  monotonicUs: () => 0,
  ...overrides,
});

describe('tuneLearner', () => {
  it('returns the best of the trials that ran to the end, and ends hopeless ones early', async () => {
    const { trials, best } = await tuneLearner(tuning());
    expect(trials).toHaveLength(14);
    const ended = trials.filter(({ state }) => state === 'complete');
    expect(valueOf(best!)).toBe(Math.max(...ended.map(valueOf)));
    const pruned = trials.filter(({ state }) => state === 'pruned');
    expect(pruned.length).toBeGreaterThan(0);
    expect(pruned.every(({ steps }) => steps.length < folds.length)).toBe(true);
  });

  it('goes on after an interruption as if there had been none', async () => {
    const whole = await tuneLearner(tuning());
    const store = aStore();
    await tuneLearner(tuning({ store, trials: 6 }));
    const resumed = await tuneLearner(tuning({ store }));
    expect(resumed.resumed).toBe(6);
    expect(resumed.trials).toEqual(whole.trials);
    expect(store.kept).toEqual(whole.trials);
  });

  it('runs several at a time, each trial once', async () => {
    const { trials } = await tuneLearner(tuning({ runners: [runner, runner, runner] }));
    expect(trials.map(({ number }) => number)).toEqual([...Array(14).keys()]);
  });

  it('stops when told to, keeping what ended', async () => {
    const stop = new AbortController();
    const store = aStore();
    const onTrial = (ended: number): void => void (ended === 3 && stop.abort(new Error('enough')));
    await expect(tuneLearner(tuning({ store, signal: stop.signal, onTrial }))).rejects.toThrow('enough');
    expect(store.kept).toHaveLength(3);
  });

  it('goes on past settings that cannot be fitted', async () => {
    const failing: TrialRunner = (trial, goesOn) =>
      trial.number === 2 ? Promise.resolve({ steps: [], state: 'failed' }) : runner(trial, goesOn);
    const { trials, best } = await tuneLearner(tuning({ runners: [failing], trials: 8 }));
    expect(trials[2]!.state).toBe('failed');
    expect(best!.number).not.toBe(2);
  });
});
