/** XGBoost's models say here what they say there. */
import { describe, expect, it } from 'vitest';
import { readXgboost } from '../../../src/formats/xgboost/read.ts';
import { bytesOf, goldenFormats } from '../../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../../support/imported-models.ts';

const golden = goldenFormats('xgboost');

/** What the tests change in a model of XGBoost. */
interface XgboostDocument {
  readonly learner: {
    attributes: Record<string, string>;
    readonly learner_model_param: { base_score: string };
    readonly gradient_booster: {
      readonly model: { trees: unknown[]; readonly gbtree_model_param: { num_trees: string } };
    };
  };
}

describe('reading XGBoost', () => {
  it.each(golden.cases)('gives the margins of a model of kind "$name" bit for bit', (item) => {
    expect(marginDifferences(readXgboost(item.model), item)).toEqual({ otherBits: 0, largest: 0 });
  });

  it.each(golden.cases)('gives the contributions of a model of kind "$name"', (item) => {
    expectExplained(readXgboost(item.model), item);
  });

  it('reads the binary form as it reads the text', () => {
    const { json, ubj } = golden.more['forms'] as { readonly json: string; readonly ubj: string };
    const [text, binary] = [readXgboost(bytesOf(json)), readXgboost(bytesOf(ubj))];
    expect(binary.features).toEqual(text.features);
    expect(binary.model.toDocument()).toEqual(text.model.toDocument());
    const bytes = bytesOf(ubj);
    for (const length of [2, 40, 1_000, bytes.length - 1]) {
      expect(() => readXgboost(bytes.subarray(0, length))).toThrow(/^model, byte \d+: the file ends here$/);
    }
    expect(() => readXgboost(Uint8Array.of(0x7b, 0x4c, 1, 2, 3, 4, 5, 6, 7, 8))).toThrow(/the file ends here/);
    expect(() => readXgboost(new TextEncoder().encode('{i\u0001aQ'))).toThrow('"Q" is no type of UBJSON');
  });

  it('scores with the best round of an early stop where the wrapper for scikit-learn does, and only there', () => {
    const saved = (attributes: Record<string, string>, trees?: number): string => {
      const document = JSON.parse(golden.get('parallel').model) as XgboostDocument;
      document.learner.attributes = attributes;
      const { model } = document.learner.gradient_booster;
      model.trees = model.trees.slice(0, trees);
      model.gbtree_model_param.num_trees = String(model.trees.length);
      return JSON.stringify(document);
    };
    const documentOf = (text: string): unknown => readXgboost(text).model.toDocument();
    const wrapper = '{"_estimator_type": "classifier"}';
    const stopped = saved({ best_iteration: '4', best_score: '0.9', scikit_learn: wrapper });
    expect(documentOf(stopped)).toEqual(documentOf(saved({}, 5 * 3))); // three trees a round
    const whole = documentOf(saved({}));
    expect(documentOf(saved({ best_iteration: '4', best_score: '0.9' }))).toEqual(whole);
    expect(documentOf(saved({ scikit_learn: wrapper }))).toEqual(whole);
    expect(() => readXgboost(saved({ best_iteration: '-2', scikit_learn: wrapper }))).toThrow(
      'model.learner.attributes.best_iteration: is -2, not a round',
    );
  });

  it('turns base scores to margins bit for bit', () => {
    const { baseScores, baseMargins } = golden.more as {
      readonly baseScores: number[];
      readonly baseMargins: number[];
    };
    const margins = baseScores.map((score) => {
      const document = JSON.parse(golden.get('depth-wise').model) as XgboostDocument;
      const { learner_model_param: base, gradient_booster: booster } = document.learner;
      base.base_score = `[${score.toExponential()}]`;
      booster.model.trees = [];
      booster.model.gbtree_model_param.num_trees = '0';
      return readXgboost(JSON.stringify(document)).model.margin(new Float64Array(4));
    });
    expect(margins).toEqual(baseMargins);
  });
});
