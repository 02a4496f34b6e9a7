/** Models of scikit-learn say here what they say there, having come through ONNX. */
import { describe, expect, it } from 'vitest';
import { type ImportedModel } from '../../../src/formats/imported-model.ts';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { bytesOf, type GoldenCase, goldenFormats, goldenRows, readGoldenOnnx } from '../../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../../support/imported-models.ts';

const golden = goldenFormats('onnx');
const refusals = golden.more['refused'] as Readonly<Record<string, string>>;
const read = (item: GoldenCase): ImportedModel => readGoldenOnnx(golden, item);

describe('reading ONNX', () => {
  it.each(golden.cases)('gives the scores of a model of kind "$name"', (item) => {
    expect(marginDifferences(read(item), item).largest).toBeLessThan(2e-6);
  });

  it.each(golden.cases)('gives the contributions of a model of kind "$name"', (item) => {
    expectExplained(read(item), item);
  });

  it('puts fixed values in the place of missing ones', () => {
    const { rows, margins } = golden.more['imputed'] as { readonly rows: unknown; readonly margins: readonly number[] };
    const { model } = readOnnx(bytesOf(refusals['imputer']!));
    const errors = goldenRows(rows).map((row, index) => Math.abs(model.margin(row) - margins[index]!));
    expect(Math.max(...errors)).toBeLessThan(2e-6);
  });

  it('refuses other operators by name', () => {
    expect(() => readOnnx(bytesOf(refusals['Normalizer']!))).toThrow(/Normalizer.*mixes features/);
    expect(() => readOnnx(bytesOf(refusals['ArgMax']!))).toThrow(/operator \w+ is not supported/);
    expect(() => readOnnx(bytesOf(refusals['classes']!))).toThrow(/tells 3 classes apart; two are supported/);
  });

  it('refuses a file cut short', () => {
    const bytes = bytesOf(golden.get('forest').model);
    expect(() => readOnnx(bytes.subarray(0, bytes.length - 100))).toThrow(/file: is not/);
  });
});
