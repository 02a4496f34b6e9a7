/** What the library refuses before it computes anything; examples/train-a-model.ts shows it at work. */
import { describe, expect, it } from 'vitest';
import { createFeatureEngine, createLearner, type LearnerName, TrainingPipeline } from '../../src/index.ts';

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
