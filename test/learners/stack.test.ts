/** Stacking: weights equal to SciPy's, never negative; the stack adds up its members. */
import { describe, expect, it } from 'vitest';
import { createLogisticLearner } from '../../src/learners/logistic.ts';
import { fitStackWeights } from '../../src/learners/stack-weights.ts';
import { createStack } from '../../src/learners/stack.ts';
import { golden } from '../support/golden-learners.ts';
import { aTrainingSet } from '../support/training-sets.ts';

const labels = Uint8Array.from(golden.labels);
const members = golden.stack.members.map((member) => Float64Array.from(member));

describe('stack weights', () => {
  it('are those of a bounded minimiser, 0 for a member that points the wrong way', () => {
    const { weights, intercept } = fitStackWeights(members, labels);
    expect(golden.stack.weights[2]).toBe(0);
    expect(weights[2]).toBe(0);
    weights.forEach((weight, member) => expect(weight).toBeCloseTo(golden.stack.weights[member]!, 6));
    expect(intercept).toBeCloseTo(golden.stack.intercept, 6);
  });

  it('share evenly between two equal members', () => {
    const { weights } = fitStackWeights([members[0]!, members[0]!], labels);
    expect(weights[0]).toBeCloseTo(weights[1]!, 9);
  });

  it('undo the scale of a member', () => {
    const tenfold = fitStackWeights([members[0]!.map((x) => 10 * x + 3), members[1]!], labels);
    const plain = fitStackWeights([members[0]!, members[1]!], labels);
    expect(10 * tenfold.weights[0]!).toBeCloseTo(plain.weights[0]!, 7);
  });

  it('give a constant member nothing, and need both classes', () => {
    expect(fitStackWeights([new Float64Array(labels.length).fill(2), members[0]!], labels).weights[0]).toBeCloseTo(
      0,
      9,
    );
    const rounding = Float64Array.from(labels, (label) => (label === 1 ? 0.1 + 0.2 : 0.3));
    expect(fitStackWeights([rounding], labels).weights).toEqual([0]);
    expect(() => fitStackWeights(members, new Uint8Array(labels.length))).toThrow('both fraud and genuine');
  });
});

describe('a stack', () => {
  const set = aTrainingSet({ rows: 100 });
  const model = createLogisticLearner('l').fit(set, { seed: 1 });
  const narrow = createLogisticLearner('l').fit(aTrainingSet({ rows: 100, features: 3 }), { seed: 1 });

  it('is the weighted sum of its members', () => {
    const row = Float64Array.of(0.3, -1, 2, 0);
    expect(createStack([model, model], [0.25, 0.5], 3).margin(row)).toBeCloseTo(3 + 0.75 * model.margin(row), 12);
  });

  it('is refused without members, or when they do not fit together', () => {
    expect(() => createStack([], [], 0)).toThrow('0 members');
    expect(() => createStack([model], [1, 2], 0)).toThrow('1 members and 2 weights');
    expect(() => createStack([model, narrow], [1, 1], 0)).toThrow('different numbers of features');
  });
});
