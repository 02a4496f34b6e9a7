/** LightGBM's models say here what they say there. */
import { describe, expect, it } from 'vitest';
import { readLightgbm } from '../../../src/formats/lightgbm/read.ts';
import { goldenFormats } from '../../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../../support/imported-models.ts';

const golden = goldenFormats('lightgbm');

describe('reading LightGBM', () => {
  it.each(golden.cases)('gives the raw scores of a model of kind "$name"', (item) => {
    expect(marginDifferences(readLightgbm(item.model), item).largest).toBeLessThan(1e-12);
  });

  it.each(golden.cases)('gives the contributions of a model of kind "$name"', (item) => {
    expectExplained(readLightgbm(item.model), item);
  });
});
