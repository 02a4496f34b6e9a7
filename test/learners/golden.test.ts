/** Learners agree with scikit-learn and XGBoost on the same rows. */
import { describe, expect, it } from 'vitest';
import { createBoostingLearner } from '../../src/learners/boosting.ts';
import { createDecisionTreeLearner } from '../../src/learners/decision-tree.ts';
import { createLogisticLearner, type LogisticParameters } from '../../src/learners/logistic.ts';
import { marginsOf } from '../../src/learners/margins.ts';
import { type Learner } from '../../src/learners/protocol.ts';
import { golden, goldenSet } from '../support/golden-learners.ts';

function worstDifference(learner: Learner, expected: readonly number[]): number {
  const margins = marginsOf(learner.fit(goldenSet, { seed: 1 }), goldenSet);
  return Math.max(...margins.map((margin, row) => Math.abs(margin - expected[row]!)));
}

describe('logistic regression gives scikit-learn’s margins', () => {
  const settings: Readonly<Record<keyof typeof golden.logistic, Partial<LogisticParameters>>> = {
    standard: {},
    balanced: { inversePenalty: 0.1, balanced: true },
    minMax: { inversePenalty: 10, scaling: 'min-max' },
    elasticNet: { inversePenalty: 0.05, absoluteShare: 0.7 },
  };

  it.each(Object.keys(settings) as (keyof typeof settings)[])('with %s settings', (name) => {
    expect(worstDifference(createLogisticLearner(name, settings[name]), golden.logistic[name])).toBeLessThan(1e-5);
  });
});

describe('a decision tree gives scikit-learn’s fraud rates', () => {
  it.each(['2', '4'] as const)('at depth %s', (depth) => {
    const learner = createDecisionTreeLearner('tree', { maximumDepth: Number(depth) });
    expect(worstDifference(learner, golden.tree[depth])).toBeLessThan(1e-12);
  });
});

describe('boosting gives XGBoost’s margins, up to single precision', () => {
  const common = { rounds: 5, learningRate: 0.3, maximumBins: 65_535 };

  it('grown level by level', () => {
    const learner = createBoostingLearner('b', { ...common, growth: 'depth-wise', maximumDepth: 4 });
    expect(worstDifference(learner, golden.boosting.depthWise)).toBeLessThan(1e-5);
  });

  it('grown leaf by leaf', () => {
    const learner = createBoostingLearner('b', { ...common, growth: 'leaf-wise', maximumDepth: 12, maximumLeaves: 9 });
    expect(worstDifference(learner, golden.boosting.leafWise)).toBeLessThan(1e-5);
  });
});
