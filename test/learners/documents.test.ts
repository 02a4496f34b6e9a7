/** Damaged documents are refused, with the field at fault. */
import { describe, expect, it } from 'vitest';
import { createBoostingLearner } from '../../src/learners/boosting.ts';
import { calibratorFromDocument, modelFromDocument } from '../../src/learners/documents.ts';
import { packDoubles, packIntegers, readDoubles, readIntegers } from '../../src/learners/fields.ts';
import { createLogisticLearner } from '../../src/learners/logistic.ts';
import { createStack } from '../../src/learners/stack.ts';
import { aTrainingSet } from '../support/training-sets.ts';

const set = aTrainingSet({ rows: 100 });
const logistic = createLogisticLearner('logistic').fit(set, { seed: 1 }).toDocument();
const boosted = createBoostingLearner('boosting', { rounds: 2, maximumLeaves: 3 }).fit(set, { seed: 1 }).toDocument();
const symmetric = createBoostingLearner('symmetric', { rounds: 2, growth: 'symmetric', maximumDepth: 2 })
  .fit(set, { seed: 1 })
  .toDocument();
const stack = createStack([modelFromDocument(logistic)], [1], 0).toDocument();

const trees = (changed: Record<string, unknown>) => ({
  ...boosted,
  trees: { ...(boosted['trees'] as object), ...changed },
});
const levels = (changed: Record<string, unknown>) => ({
  ...symmetric,
  symmetric: { ...(symmetric['symmetric'] as object), ...changed },
});

describe('a model document', () => {
  it.each<[string, unknown, string]>([
    ['nothing', null, 'model is not an object'],
    ['a list', [], 'model is not an object'],
    ['no kind', { featureCount: 3 }, 'kind is not a text'],
    ['an unknown kind', { kind: 'oracle', featureCount: 3 }, 'kind is "oracle", which no learner writes'],
    ['a negative count', { ...logistic, featureCount: -1 }, 'featureCount is not a count'],
    ['another count', { ...logistic, featureCount: 5 }, 'centre holds 4 values, not 5'],
    ['no intercept', { ...logistic, intercept: undefined }, 'intercept is not a number'],
    ['an intercept of null', { ...logistic, intercept: null }, 'intercept is not a number'],
    ['text that is not base64', { ...logistic, slope: '%%' }, 'slope is not base64'],
    ['a number cut short', { ...logistic, slope: btoa('1234567') }, 'slope is cut short'],
    [
      'an infinite slope',
      { ...logistic, slope: packDoubles([1, 2, 3, Infinity]) },
      'slope holds a value that is not finite',
    ],
    ['no trees', { ...boosted, trees: undefined }, 'trees is not an object'],
    ['missing nodes', trees({ nodes: packIntegers([5]) }), 'feature holds 10 values, not 5'],
    ['a strange feature', trees({ feature: packIntegers(new Int32Array(10).fill(7)) }), 'feature names feature 7 of 4'],
    [
      'a child before its parent',
      trees({ left: packIntegers(new Int32Array(10)) }),
      'left leads from node 0 to 0 of 5',
    ],
    [
      'a child outside the tree',
      trees({ left: packIntegers(new Int32Array(10).fill(4)) }),
      'left leads from node 0 to 4 of 5',
    ],
    [
      'a node without parent',
      trees({ feature: packIntegers(new Int32Array(10).fill(-1)) }),
      'left gives node 1 0 parents',
    ],
    ['a negative cover', trees({ cover: packDoubles(new Float64Array(10).fill(-1)) }), 'cover is negative'],
    ['an impossible depth', levels({ levels: packIntegers([40, 2]) }), 'levels holds an impossible depth'],
    ['a strange level', levels({ feature: packIntegers([9, 9, 9, 9]) }), 'feature names a feature outside the 4'],
    ['a stack without members', { ...stack, members: undefined }, 'members is not a list'],
    ['a stack of too many weights', { ...stack, weights: packDoubles([1, 2]) }, 'weights holds 2 values, not 1'],
    ['a damaged member', { ...stack, members: [{ ...logistic, kind: 3 }] }, 'kind is not a text'],
    ['a stack that reads other features', { ...stack, featureCount: 9 }, 'members read another number of features'],
  ])('of %s is refused', (_what, document, problem) => {
    expect(() => modelFromDocument(document)).toThrow(problem);
  });
});

describe('a calibrator document', () => {
  const isotonic = { kind: 'isotonic', margins: packDoubles([0, 1]), probabilities: packDoubles([0.1, 0.9]) };

  it.each<[string, unknown, string]>([
    ['an unknown kind', { kind: 'magic' }, 'kind is "magic", not one of platt, isotonic'],
    ['no slope', { kind: 'platt', intercept: 1 }, 'slope is not a number'],
    ['a falling slope', { kind: 'platt', slope: -1, intercept: 1 }, 'slope is negative'],
    ['falling margins', { ...isotonic, margins: packDoubles([1, 0]) }, 'margins do not rise'],
    ['falling probabilities', { ...isotonic, probabilities: packDoubles([0.9, 0.1]) }, 'do not rise from 0 to 1'],
    ['a probability above 1', { ...isotonic, probabilities: packDoubles([0.9, 1.1]) }, 'do not rise from 0 to 1'],
    ['no points', { ...isotonic, margins: '', probabilities: '' }, 'margins is empty'],
  ])('of %s is refused', (_what, document, problem) => {
    expect(() => calibratorFromDocument(document)).toThrow(problem);
  });
});

it('numbers come back with their bits: signed zeros, NaN, extremes', () => {
  const doubles = Float64Array.of(0, -0, NaN, Infinity, Number.MIN_VALUE, -Number.MAX_VALUE, 0.1);
  expect(readDoubles({ x: packDoubles(doubles) }, 'x')).toEqual(doubles);
  const integers = Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31));
  expect(readIntegers({ x: packIntegers(integers) }, 'x')).toEqual(integers);
});
