/** Class weights and balanced bagging: what they do to any learner, and that they leave its laws alone. */
import { describe, expect, it } from 'vitest';
import { createBalancedBagging } from '../../src/learners/balanced-bagging.ts';
import { createBoostingLearner } from '../../src/learners/boosting.ts';
import { balancingFactor, createWeightedLearner } from '../../src/learners/class-weights.ts';
import { createLogisticLearner } from '../../src/learners/logistic.ts';
import { marginsOf } from '../../src/learners/margins.ts';
import { type Learner, type TrainingSet } from '../../src/learners/protocol.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const training = aTrainingTable({ rows: 1_500, intercept: -3.5 });
const frauds = training.labels.reduce((sum, label) => sum + label, 0);

/** Keeps what it was given to fit. */
function recordingLearner(seen: TrainingSet[]): Learner {
  return {
    name: 'recording',
    fit(set, options) {
      seen.push(set, ...(options.validation ? [options.validation] : []));
      return createLogisticLearner('recording').fit(set, options);
    },
  };
}

const total = (set: TrainingSet, label: number): number =>
  set.labels.reduce((sum, own, row) => sum + (own === label ? (set.weights?.[row] ?? 1) : 0), 0);

describe('createWeightedLearner', () => {
  it('gives both classes the same total weight when balanced, and frauds the factor otherwise', () => {
    const seen: TrainingSet[] = [];
    createWeightedLearner(recordingLearner(seen), 'balanced').fit(training, { seed: 1, validation: training });
    expect(total(seen[0]!, 1)).toBeCloseTo(total(seen[0]!, 0), 6);
    expect(seen[1]!.weights).toEqual(seen[0]!.weights);
    createWeightedLearner(recordingLearner(seen), 7).fit(training, { seed: 1 });
    expect(total(seen[2]!, 1)).toBeCloseTo(7 * frauds, 6);
    expect(total(seen[2]!, 0)).toBe(training.rows - frauds);
  });

  it.each([NaN, 0, -1, Infinity, 'balancd' as never])('refuses the class weight %s', (classWeight) => {
    expect(() => createWeightedLearner(recordingLearner([]), classWeight)).toThrow(
      `invalid class weight: ${classWeight}`,
    );
  });

  it('multiplies weights that are there', () => {
    const weights = Float64Array.from(training.labels, (_, row) => 1 + (row % 3));
    expect(balancingFactor({ ...training, weights })).toBeCloseTo(total({ ...training, weights }, 0) / total({ ...training, weights }, 1), 12); // prettier-ignore
  });

  it('equals scale_pos_weight of boosting, bit for bit', () => {
    const given = { growth: 'leaf-wise', rounds: 15 } as const;
    const numeric = { ...training, values: training.values.slice(0, 3), names: training.names.slice(0, 3) };
    const plain = createWeightedLearner(createBoostingLearner('a', given), 6).fit(numeric, { seed: 1 });
    const own = createBoostingLearner('a', { ...given, positiveWeight: 6 }).fit(numeric, { seed: 1 });
    expect(marginsOf(plain, numeric)).toEqual(marginsOf(own, numeric));
  });

  it('moves margins towards fraud', () => {
    const mean = (learner: Learner): number =>
      marginsOf(learner.fit(training, { seed: 1 }), training).reduce((sum, margin) => sum + margin, 0) / training.rows;
    const logistic = createLogisticLearner('logistic');
    expect(mean(createWeightedLearner(logistic, 'balanced'))).toBeGreaterThan(mean(logistic) + 1);
  });
});

describe('createBalancedBagging', () => {
  it('shows each bag every fraud and as many genuine rows as asked for, other ones each', () => {
    const seen: TrainingSet[] = [];
    createBalancedBagging('bags', () => recordingLearner(seen), { bags: 3, genuinePerFraud: 2 }).fit(training, { seed: 1 });
    expect(seen).toHaveLength(3);
    for (const set of seen) {
      expect(total(set, 1)).toBe(frauds);
      expect(total(set, 0)).toBe(2 * frauds);
    }
    expect(seen[0]!.values[0]).not.toEqual(seen[1]!.values[0]);
  }); // prettier-ignore

  it('takes all genuine rows when there are fewer than asked for', () => {
    const seen: TrainingSet[] = [];
    createBalancedBagging('bags', () => recordingLearner(seen), { bags: 1, genuinePerFraud: 1_000 }).fit(training, { seed: 1 }); // prettier-ignore
    expect(seen[0]!.rows).toBe(training.rows);
    expect(seen[0]!.values).toEqual(training.values);
  });

  it('averages the margins of its bags', () => {
    const bags = Array.from({ length: 4 }, (_, bag) => bag);
    const constant = (margin: number): Learner => ({
      name: 'constant',
      fit: ({ names }) => ({
        kind: 'constant',
        featureCount: names.length,
        margin: () => margin,
        addContributions: (_row, _out, weight) => weight * margin,
        importance: () => new Float64Array(names.length),
        toDocument: () => ({ kind: 'constant', featureCount: names.length }),
      }),
    });
    let next = 0;
    const model = createBalancedBagging('bags', () => constant(bags[next++]!), { bags: 4 }).fit(training, { seed: 1 });
    expect(model.margin(new Float64Array(4))).toBeCloseTo(1.5, 12);
  });

  it('refuses settings that make no sense', () => {
    expect(() => createBalancedBagging('bags', () => recordingLearner([]), { bags: 0 })).toThrow(/bags: 0/);
    expect(() => createBalancedBagging('bags', () => recordingLearner([]), { genuinePerFraud: 0 })).toThrow(
      /genuinePerFraud: 0/,
    );
  });
});
