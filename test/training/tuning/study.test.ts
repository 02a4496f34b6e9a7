/** Studies: what is pruned, that an interrupted one goes on as if it had not been, and the page about it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TUNABLE_LEARNERS, tunableOf, tunedLearner } from '../../../src/training/tuning/learner-spaces.ts';
import { renderStudy } from '../../../src/training/tuning/page.ts';
import { PRUNINGS, shouldPrune } from '../../../src/training/tuning/pruning.ts';
import { type Space } from '../../../src/training/tuning/space.ts';
import { createStudy, type StudyPlan, type Trial } from '../../../src/training/tuning/study.ts';
import { randomSettings } from '../../../src/training/tuning/tpe.ts';
import { trialSteps } from '../../../src/training/tuning/run-trial.ts';
import { createRandom } from '../../../src/stats/random.ts';
import { expandingFolds } from '../../../src/training/cross-validate.ts';
import { aTrainingTable } from '../../support/training-tables.ts';

const space: Space = {
  x: { kind: 'real', from: 0, to: 1 },
  n: { kind: 'whole', from: 1, to: 100, isLogarithmic: true },
};
const plan: StudyPlan = { space, seed: 7, startup: 4, pruning: 'median' };

function runUntil(trials: number, done: readonly Trial[] = []): readonly Trial[] {
  const study = createStudy(plan, done);
  while (study.trials().length < trials) {
    const asked = study.ask();
    const value = -((asked.settings['x']! - 0.3) ** 2);
    study.tell({ ...asked, steps: [value], state: asked.number % 5 === 4 ? 'pruned' : 'complete', seconds: 1 });
  }
  return study.trials();
}

describe('createStudy', () => {
  it('suggests the same after an interruption as without one', () => {
    const whole = runUntil(25);
    for (const stop of [1, 4, 5, 13]) expect(runUntil(25, runUntil(stop))).toEqual(whole);
  });

  it('fills the numbers that an interrupted run of several workers left open', () => {
    const done = runUntil(10).filter(({ number }) => number !== 3 && number !== 8);
    expect(runUntil(10, done).map(({ number }) => number)).toEqual([...Array(10).keys()]);
  });

  it('does not suggest the same to two workers', () => {
    const study = createStudy(plan, runUntil(12));
    expect(study.ask().settings).not.toEqual(study.ask().settings);
  });

  it('takes the best only from trials that ended', () => {
    const settings = { x: 0.5, n: 3 };
    const study = createStudy(plan, [
      { number: 0, settings, steps: [0.4], state: 'complete', seconds: 1 },
      { number: 1, settings, steps: [0.9], state: 'pruned', seconds: 1 },
      { number: 2, settings, steps: [], state: 'failed', seconds: 1 },
    ]);
    expect(study.best()?.number).toBe(0);
    expect(createStudy(plan).best()).toBeUndefined();
  });
});

describe('shouldPrune', () => {
  const someSteps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 });

  it('never leaves the best trial there is, nor any while there are few', () => {
    fc.assert(
      fc.property(someSteps, fc.array(someSteps, { maxLength: 12 }), (steps, others) => {
        const best = steps.map(() => 2);
        for (const pruning of PRUNINGS) {
          expect(shouldPrune(pruning, best, others)).toBe(false);
          expect(shouldPrune(pruning, steps, others.slice(0, 3))).toBe(false);
        }
        expect(shouldPrune('none', [-1], others)).toBe(false);
      }),
    );
  });

  it('leaves by the median what is below half of the others at the same step', () => {
    const others = [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]]; // prettier-ignore
    expect(shouldPrune('median', [0.24], others)).toBe(true);
    expect(shouldPrune('median', [0.26], others)).toBe(false);
    expect(shouldPrune('median', [0.9, 0.74], others)).toBe(true);
  });

  it('keeps by halving the best third, at its rungs only', () => {
    const others = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map((value) => [value, value, value]);
    expect(shouldPrune('halving', [0.75], others)).toBe(false);
    expect(shouldPrune('halving', [0.55], others)).toBe(true);
    expect(shouldPrune('halving', [0.55, 0.1], others)).toBe(false); // no rung after step 2
    expect(shouldPrune('halving', [0.55, 0.1, 0.1], others)).toBe(true);
  });
});

describe('learner spaces', () => {
  const plain = aTrainingTable({ rows: 600, intercept: -1.5 });
  const table = { ...plain, labelsKnownMs: plain.timesMs };

  it.each(TUNABLE_LEARNERS)('%s can be made of any settings of its space', (name) => {
    const folds = expandingFolds(table.timesMs, 1, 0);
    const { space: own } = tunableOf(name);
    const settings = randomSettings(own, createRandom(2));
    // Large ensembles are cut down: what is tested is that every setting is known and within bounds.
    const small = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key, ['rounds', 'trees', 'bags'].includes(key) ? 5 : value]),
    );
    expect(() => tunedLearner(name, settings)).not.toThrow();
    const [quality] = [...trialSteps(tunedLearner(name, small), table, folds, 1)];
    expect(quality).toBeGreaterThan(0.2);
  });

  it('ends a trial whose fold has no fraud to find', () => {
    const [fold] = expandingFolds(table.timesMs, 1, 0);
    const genuine = Uint32Array.from([...fold!.testRows].filter((row) => table.labels[row] === 0));
    const steps = trialSteps(tunedLearner('logistic', {}), table, [{ ...fold!, testRows: genuine }], 1);
    expect(() => [...steps]).toThrow('fold 1 tests on payments without a fraud');
  });

  it('refuses a learner that cannot be tuned', () => {
    expect(() => tunableOf('oracle')).toThrow(/oracle is no learner that can be tuned; there are logistic/);
  });
});

describe('renderStudy', () => {
  const trials = runUntil(12);
  const facts = { learner: 'a <b>', data: 'x.csv', validation: 'temporal, 3 folds', pruning: 'median', seed: 7, space };
  const page = renderStudy(facts, trials);

  it('needs nothing from elsewhere and escapes what it is given', () => {
    expect(page).not.toMatch(/<script|src=|href=|url\(|@import|https?:/);
    expect(page).toContain('a &lt;b&gt;');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect(page).toContain('prefers-color-scheme: dark');
  });

  it('draws the history with one dot a trial, and a figure for each setting', () => {
    expect(page.match(/<figure>/g)).toHaveLength(3);
    const history = page.slice(page.indexOf('<figure>'), page.indexOf('</figure>'));
    expect(history.match(/<circle/g)).toHaveLength(12);
  });

  it('gives the same bytes for the same study, and a page when no trial ended', () => {
    expect(renderStudy(facts, trials)).toBe(page);
    expect(renderStudy(facts, [])).toContain('0 trials');
  });
});
