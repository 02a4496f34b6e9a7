/** Foreign models over our catalogue: features by name, categories by text, and refusals that say what is missing. */
import { describe, expect, it } from 'vitest';
import { SENTINEL_CATALOGUE } from '../../src/features/catalogue.ts';
import { hash32 } from '../../src/features/hash.ts';
import { readXgboost } from '../../src/formats/xgboost/read.ts';
import { type Model } from '../../src/learners/protocol.ts';
import { importedLearner } from '../../src/usecases/import-model.ts';
import { bytesOf, type GoldenCase, goldenFormats } from '../support/golden-formats.ts';

const golden = goldenFormats('xgboost').get('categories');
const bytes = new TextEncoder().encode(golden.model);
/** Our names for its features; the fourth under the short name that users know. */
const NAMES = ['amount', 'amount_zscore', 'user_txn_count_24h', 'count_last_1h', 'merchant_category'];
const NO_ROWS = { names: [], rows: 0, values: SENTINEL_CATALOGUE.features.map(() => new Float64Array(0)), labels: new Uint8Array(0) }; // prettier-ignore

function modelOf(names: readonly string[], item: GoldenCase = golden): Model {
  const file = { format: 'xgboost', bytes: new TextEncoder().encode(item.model), path: 'model.json', names } as const;
  return importedLearner(file, SENTINEL_CATALOGUE).fit(NO_ROWS, { seed: 1 });
}

describe('importing a model', () => {
  it('reads its features from catalogue vectors, categories by the hash of their text', () => {
    const model = modelOf(NAMES);
    const plain = readXgboost(golden.model);
    const { texts } = plain.features.at(-1)!.categories!;
    expect(model.featureCount).toBe(SENTINEL_CATALOGUE.features.length);
    golden.rowsFor(plain).forEach((row, index) => {
      const vector = new Float64Array(model.featureCount).fill(0.5);
      NAMES.forEach((name, place) => {
        vector[SENTINEL_CATALOGUE.indexOf(name)] = row[place]!;
      });
      const code = row[4]!;
      vector[SENTINEL_CATALOGUE.indexOf('merchant_category')] = Number.isNaN(code) ? NaN : hash32(texts[code]!);
      expect(model.margin(vector)).toBe(golden.margins[index]);
      const out = new Float64Array(model.featureCount);
      const expected = model.addContributions(vector, out, 1);
      expect(out.reduce((sum, value) => sum + value, expected)).toBeCloseTo(golden.margins[index]!, 9);
    });
  });

  it('takes a category the model does not know for one in no set', () => {
    const model = modelOf(NAMES);
    const plain = readXgboost(golden.model).model;
    const vector = new Float64Array(model.featureCount);
    vector[SENTINEL_CATALOGUE.indexOf('merchant_category')] = hash32('something new');
    expect(model.margin(vector)).toBe(plain.margin(Float64Array.of(0, 0, 0, 0, -1)));
  });

  it('names all features that the catalogue lacks', () => {
    expect(() => importedLearner({ format: 'xgboost', bytes, path: 'm.json' }, SENTINEL_CATALOGUE)).toThrow(
      /^Model file m\.json, read as xgboost: its 4 features are not in the catalogue sentinel: ratio, count, cents, category$/,
    );
  });

  it('refuses another number of names, and a file of another format', () => {
    expect(() => modelOf(['amount'])).toThrow('it reads 5 features, 1 names are given');
    const twice = ['amount', 'hour_of_day', 'amount', 'day_of_week', 'merchant_category'];
    expect(() => modelOf(twice)).toThrow('the names given hold amount twice');
    const wrong = { format: 'lightgbm', bytes, path: 'm.json' } as const;
    expect(() => importedLearner(wrong, SENTINEL_CATALOGUE)).toThrow(/read as lightgbm: line 1: is /);
  });

  it('explains models that do not say how training rows divide against the rows at hand', () => {
    const onnx = goldenFormats('onnx').get('tree');
    const file = { format: 'onnx', bytes: bytesOf(onnx.model), path: 'm.onnx', names: NAMES.slice(0, 4) } as const;
    const learner = importedLearner(file, SENTINEL_CATALOGUE);
    const row = new Float64Array(SENTINEL_CATALOGUE.features.length).fill(0.25);
    const one = { ...NO_ROWS, rows: 1, values: Array.from(row, (x) => Float64Array.of(x)), labels: Uint8Array.of(0) };
    const model = learner.fit(one, { seed: 1 });
    // Explained against itself alone, a row is expected, and no feature moves it.
    const out = new Float64Array(row.length);
    expect(model.addContributions(row, out, 1)).toBeCloseTo(model.margin(row), 12);
    expect(Math.max(...out.map(Math.abs))).toBeLessThan(1e-12);
  });
});
