/** XGBoost's models say here what they say there. */
import { describe, expect, it } from 'vitest';
import { readXgboost } from '../../../src/formats/xgboost/read.ts';
import { goldenFormats } from '../../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../../support/imported-models.ts';

const golden = goldenFormats('xgboost');

describe('reading XGBoost', () => {
  it.each(golden.cases)('gives the margins of a model of kind "$name" bit for bit', (item) => {
    expect(marginDifferences(readXgboost(item.model), item)).toEqual({ otherBits: 0, largest: 0 });
  });

  it.each(golden.cases)('gives the contributions of a model of kind "$name"', (item) => {
    expectExplained(readXgboost(item.model), item);
  });

  it('turns base scores to margins bit for bit', () => {
    const { baseScores, baseMargins } = golden.more as {
      readonly baseScores: number[];
      readonly baseMargins: number[];
    };
    const margins = baseScores.map((score) => {
      const document = JSON.parse(golden.get('depth-wise').model) as Record<string, any>; // eslint-disable-line
      document['learner'].learner_model_param.base_score = `[${score.toExponential()}]`;
      document['learner'].gradient_booster.model.trees = [];
      document['learner'].gradient_booster.model.gbtree_model_param.num_trees = '0';
      return readXgboost(JSON.stringify(document)).model.margin(new Float64Array(4));
    });
    expect(margins).toEqual(baseMargins);
  });
});
