/** CatBoost's models say here what they say there. */
import { describe, expect, it } from 'vitest';
import { readCatboost } from '../../../src/formats/catboost/read.ts';
import { goldenFormats } from '../../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../../support/imported-models.ts';

const golden = goldenFormats('catboost');

describe('reading CatBoost', () => {
  it.each(golden.cases)('gives the raw values of a model of kind "$name"', (item) => {
    expect(marginDifferences(readCatboost(item.model), item).largest).toBeLessThan(1e-12);
  });

  it.each(golden.cases)('gives the contributions of a model of kind "$name"', (item) => {
    expectExplained(readCatboost(item.model), item);
  });

  it('takes a model of numbers alone, saved with its pool: CatBoost then writes that it has no hashes', () => {
    const [item] = golden.cases;
    const document = JSON.parse(item!.model) as { features_info: object };
    const saved = { ...document, features_info: { cat_features_hash: null, ...document.features_info } };
    expect(marginDifferences(readCatboost(JSON.stringify(saved)), item!).largest).toBeLessThan(1e-12);
  });

  it('refuses target statistics, naming the feature', () => {
    const text = golden.more['targetStatistics'] as string;
    expect(() => readCatboost(text)).toThrow(/features_info\.ctrs: needs target statistics \(ctr\) of category/);
  });
});
