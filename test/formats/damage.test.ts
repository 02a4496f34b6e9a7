/** Damaged and foreign files are refused with the place and the reason. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCatboost } from '../../src/formats/catboost/read.ts';
import { readLightgbm } from '../../src/formats/lightgbm/read.ts';
import { type Format, readForeignModel } from '../../src/formats/read-model.ts';
import { readXgboost } from '../../src/formats/xgboost/read.ts';
import { modelFromDocument } from '../../src/learners/documents.ts';
import { bytesOf, goldenFormats } from '../support/golden-formats.ts';

type Json = { [key: string]: Json } & Json[] & (string | number);

/** A JSON text with one place replaced; the path may name positions of lists. */
function altered(text: string, path: string, value: unknown): string {
  const root = JSON.parse(text) as Json;
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce((at, key) => at[key]!, root);
  parent[keys.at(-1)!] = value as Json;
  return JSON.stringify(root);
}

const xgboost = goldenFormats('xgboost').get('depth-wise').model;
const lightgbm = goldenFormats('lightgbm').get('leaf-wise').model;
const [symmetric, leafWise] = ['symmetric', 'leaf-wise'].map((name) => goldenFormats('catboost').get(name).model) as [string, string]; // prettier-ignore
const MODEL = 'learner.gradient_booster.model';
const TREE = `${MODEL}.trees.1`;

describe('XGBoost', () => {
  it.each([
    ['version', [9, 0, 0], /^model\.version: is 9; XGBoost 1 to 3 can be read$/],
    [`${TREE}.split_indices.0`, 77, /trees\[1\]\.split_indices\[0\]: names feature 77 of 4$/],
    [`${TREE}.left_children.0`, 99, /trees\[1\], node 0: leads to node 99 of \d+$/],
    [`${TREE}.right_children.1`, 0, /trees\[1\], node 1: leads to node 0, which was reached before$/],
    [`${TREE}.split_conditions`, [1], /trees\[1\]\.split_conditions: holds 1 values, not \d+$/],
    [`${TREE}.split_conditions.2`, 'x', /trees\[1\]\.split_conditions\[2\]: is not a number$/],
    [`${TREE}.sum_hessian.0`, -1, /trees\[1\], node 0: its cover is -1$/],
    [`${MODEL}.gbtree_model_param.num_trees`, '3', /counts 3 trees and holds 7$/],
    ['learner.objective.name', 'multi:softprob', /objective multi:softprob is not supported/],
    ['learner.learner_model_param.num_class', '3', /num_class: several outputs are not supported$/],
    ['learner.learner_model_param.base_score', '[2E0]', /base_score: is 2, not a probability$/],
    ['learner.gradient_booster.name', 'gblinear', /booster gblinear is not supported/],
    ['learner.feature_names', ['one'], /holds 1 names for 4 features$/],
  ])('refuses %s = %j', (path, value, message) => {
    expect(() => readXgboost(altered(xgboost, path, value))).toThrow(message);
  });

  it('refuses a text cut short', () => {
    expect(() => readXgboost(xgboost.slice(0, 2_000))).toThrow(/^model: is not whole JSON/);
    expect(() => readXgboost('{}')).toThrow('model: has no version');
  });
});

describe('LightGBM', () => {
  const firstTree = /(Tree=0\n[\s\S]*?)(split_feature=)\d+/;
  it.each([
    [
      'another version',
      lightgbm.replace('version=v4', 'version=v9'),
      /^header, version: is v9; v3 and v4 can be read$/,
    ],
    ['several classes', lightgbm.replace('num_class=1', 'num_class=3'), /several classes are not supported$/],
    ['another objective', lightgbm.replace('objective=binary', 'objective=poisson'), /poisson is not supported/],
    ['a feature out of range', lightgbm.replace(firstTree, '$1$244'), /^tree 0, split_feature: names feature 44 of 4$/],
    ['a cycle', lightgbm.replace(/left_child=\S+/, 'left_child=0'), /^tree 0, node 0: leads to node 0, which was/],
    ['a child that is not there', lightgbm.replace(/left_child=\S+/, 'left_child=70'), /leads to node -1 of/],
    [
      'a leaf too few',
      lightgbm.replace(/leaf_value=\S+ /, 'leaf_value='),
      /^tree 0, leaf_value: holds \d values, not 9$/,
    ],
    [
      'a word for a number',
      lightgbm.replace(/threshold=\S+/, 'threshold=x'),
      /^tree 0, threshold: "x" is not a number$/,
    ],
    ['linear trees', lightgbm.replace('is_linear=0', 'is_linear=1'), /^tree 0: linear trees are not supported$/],
    ['a missing tree', lightgbm.replace(/Tree=1\n[\s\S]*?\n\n\n/, ''), /tree_sizes counts 5 trees, the file holds 4$/],
    ['an end that is not there', lightgbm.slice(0, lightgbm.indexOf('end of trees')), /the file ends before/],
    ['another kind of file', '{"learner": {}}', /^line 1: is /],
  ])('refuses %s', (_, text, message) => {
    expect(() => readLightgbm(text)).toThrow(message);
  });
});

describe('CatBoost', () => {
  it.each([
    [symmetric, 'oblivious_trees.0.leaf_values', [1, 2], /oblivious_trees\[0\]\.leaf_values: holds 2 values, not 16$/],
    [symmetric, 'oblivious_trees.0.splits.1.float_feature_index', 9, /splits\[1\]\.float_feature_index: names float feature 9 of 4$/],
    [symmetric, 'oblivious_trees.0.splits.1.split_type', 'OnlineCtr', /split type OnlineCtr is not supported$/],
    [symmetric, 'scale_and_bias', [1, [0, 0]], /several outputs are not supported$/],
    [symmetric, 'features_info.float_features.2.flat_feature_index', 1, /is feature 1, as another one is$/],
    [symmetric, 'features_info.float_features.0.nan_value_treatment', 'AsIt', /nan_value_treatment: is AsIt/],
    [symmetric, 'features_info.text_features', [{}], /text_features: such features are not supported$/],
    [leafWise, 'trees.0.left', {}, /trees\[0\]\.left: has no value$/],
    [leafWise, 'trees.0.split.border', null, /trees\[0\]\.split\.border: is not a number$/],
  ])('refuses a change of a place (%#: %s)', (text, path, value, message) => {
    expect(() => readCatboost(altered(text, path, value))).toThrow(message);
  }); // prettier-ignore

  it('refuses a text cut short', () => {
    expect(() => readCatboost(symmetric.slice(0, 900))).toThrow(/^model: is not whole JSON/);
  });

  it('refuses one-hot tests when the file lacks the texts', () => {
    const text = altered(goldenFormats('catboost').get('one-hot').model, 'features_info.cat_features_hash', []);
    expect(() => readCatboost(text)).toThrow(/category is tested for a category whose text the file lacks/);
  });
});

describe('any damage', () => {
  const files: readonly (readonly [Format, Uint8Array])[] = [
    ['xgboost', new TextEncoder().encode(xgboost)],
    ['xgboost', bytesOf((goldenFormats('xgboost').more['forms'] as { readonly ubj: string }).ubj)],
    ['lightgbm', new TextEncoder().encode(lightgbm)],
    ['catboost', new TextEncoder().encode(leafWise)],
    ['onnx', bytesOf(goldenFormats('onnx').get('tree').model)],
  ];
  const changes = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });

  it.each(files)('to a file of %s ends in a model or a reason', (format, bytes) => {
    fc.assert(
      fc.property(changes, fc.double({ min: 0.2, max: 1.5, noNaN: true }), (bytesChanged, kept) => {
        const damaged = bytes.slice(0, Math.ceil(kept * bytes.length));
        for (const [place, value] of bytesChanged) damaged[Math.floor(place * (damaged.length - 1))] = value;
        try {
          const { model, features } = readForeignModel(format, damaged);
          const row = new Float64Array(features.length).fill(0.5);
          expect(typeof model.margin(row)).toBe('number');
          // What was read can be stored.
          expect(modelFromDocument(model.toDocument()).margin(row)).toBe(model.margin(row));
        } catch (error) {
          if (!(error instanceof Error) || error.name === 'AssertionError') throw error;
          expect(error.message).not.toMatch(/undefined|Cannot read|not a function|Invalid array length|call stack/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
