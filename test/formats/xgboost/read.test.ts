/** XGBoost's models say here what they say there. */
import { describe, expect, it } from 'vitest';
import { readXgboost } from '../../../src/formats/xgboost/read.ts';
import { bytesOf, goldenFormats } from '../../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../../support/imported-models.ts';

const golden = goldenFormats('xgboost');

/** What the tests change in a model of XGBoost. */
interface XgboostDocument {
  readonly learner: {
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
