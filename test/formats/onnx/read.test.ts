/** Models of scikit-learn say here what they say there, having come through ONNX. */
import { describe, expect, it } from 'vitest';
import { type ImportedModel } from '../../../src/formats/imported-model.ts';
import { decodeModel, encodeModel } from '../../../src/formats/onnx/protobuf.ts';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { bytesOf, type GoldenCase, goldenFormats, goldenRows, readGoldenOnnx } from '../../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../../support/imported-models.ts';

const golden = goldenFormats('onnx');
const refusals = golden.more['refused'] as Readonly<Record<string, string>>;
const read = (item: GoldenCase): ImportedModel => readGoldenOnnx(golden, item);

/** The file with one attribute of its tree operator changed: a list replaced, or all of its items by one. */
function withAttribute(base64: string, name: string, change: Readonly<Record<string, unknown>>): Uint8Array {
  const model = decodeModel(bytesOf(base64));
  const [[field, value] = ['', undefined]] = Object.entries(change);
  const text = (item: unknown): unknown => (typeof item === 'string' ? new TextEncoder().encode(item) : item);
  const node = model.graph.node.map((item) => ({
    ...item,
    attribute: item.attribute.map((attribute) => {
      if (attribute.name !== name) return attribute;
      const all = (attribute as unknown as Readonly<Record<string, readonly unknown[]>>)[field]!;
      const isOne = Array.isArray(value) || field === 's';
      return { ...attribute, [field]: isOne ? text(value) : all.map(() => text(value)) };
    }),
  }));
  return encodeModel({ ...model, graph: { ...model.graph, node } });
}

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

  it.each([
    ['nodes_featureids', { ints: [77] }, /nodes_featureids: holds 1 values, not \d+$/],
    ['nodes_featureids', { ints: 9 }, /nodes_featureids: names feature 9 of 4$/],
    ['nodes_truenodeids', { ints: 0 }, /tree 0, node \d+: leads to node 0, which was reached before$/],
    ['nodes_falsenodeids', { ints: 999 }, /tree 0, node \d+: leads to node -1 of \d+$/],
    ['nodes_nodeids', { ints: 3 }, /lists node 3 of tree 0 twice$/],
    ['class_nodeids', { ints: 999 }, /gives a value to node 999 of tree 0, which it does not have$/],
    ['class_ids', { ints: 5 }, /class_ids: names output 5 of 2$/],
    ['nodes_values', { floats: NaN }, /nodes_values\[0\]: is not a number$/],
    ['nodes_modes', { strings: 'BRANCH_MEMBER' }, /node mode BRANCH_MEMBER is not supported$/],
    ['post_transform', { s: 'PROBIT' }, /post_transform PROBIT is not supported$/],
  ])('refuses a changed %s: %j', (name, change, message) => {
    expect(() => readOnnx(withAttribute(golden.get('forest').model, name, change))).toThrow(message);
  });

  it('refuses a file cut short', () => {
    const bytes = bytesOf(golden.get('forest').model);
    expect(() => readOnnx(bytes.subarray(0, bytes.length - 100))).toThrow(/file: is not/);
  });
});
