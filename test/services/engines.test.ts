/** The native libraries, really installed: what they learn outside is what scores here, alone and in a stack. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEngine, ENGINE_NAMES, type EngineName, findEngine, pythonOf, removeEngine } from '../../src/adapters/python/engines.ts'; // prettier-ignore
import { createNativeEngine } from '../../src/adapters/python/native-engine.ts';
import { createStack } from '../../src/learners/stack.ts';
import { modelFromDocument } from '../../src/learners/documents.ts';
import { type Model, type TrainingSet } from '../../src/learners/protocol.ts';
import { createRandom } from '../../src/stats/random.ts';
import { createNativeLearner } from '../../src/usecases/native-learner.ts';

const INSTALL_MS = 900_000;
const FIT_MS = 120_000;
const ROWS = 1_500;

/** Where engines are installed already may be named, to save their installation. */
const installed = process.env['ENGINES_ROOT'];
const scratch = mkdtempSync(join(tmpdir(), 'sentinel-engines-'));
const root = installed ?? scratch;
const { signal } = new AbortController();
beforeAll(async () => {
  if (installed === undefined)
    for (const name of ENGINE_NAMES) await addEngine(root, name, { python: 'python3', signal });
}, INSTALL_MS);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Two informative columns, one of noise with gaps, one category. */
function aSet(seed: number): TrainingSet {
  const random = createRandom(seed);
  const values = [0, 1, 2, 3].map(() => new Float64Array(ROWS));
  const labels = new Uint8Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const [a, b] = [random.normal(), random.normal()];
    const category = random.integer(6);
    labels[row] = a + b * a + (category === 2 ? 2 : 0) + random.normal() > 1.5 ? 1 : 0;
    [a, random.next() < 0.1 ? NaN : b, random.normal(), 1000 + category].forEach(
      (value, c) => (values[c]![row] = value),
    );
  }
  return { names: ['a', 'b', 'noise', 'category'], rows: ROWS, values, labels, kinds: ['numeric', 'numeric', 'numeric', 'category'] }; // prettier-ignore
}

const rowOf = (set: TrainingSet, row: number): Float64Array => Float64Array.from(set.values, (column) => column[row]!);
const margins = (model: Model, set: TrainingSet): number[] =>
  Array.from({ length: set.rows }, (_, row) => model.margin(rowOf(set, row)));

/** Margins (of the forest: probabilities) that the library itself gives the rows in `values`. */
const PREDICT: Readonly<Record<EngineName, string>> = {
  xgboost: `import xgboost as x
b = x.Booster(); b.load_model(bytearray(open(model, 'rb').read()))
out = b.predict(x.DMatrix(values, feature_names=names), output_margin=True)`,
  lightgbm: `import lightgbm as l
out = l.Booster(model_file=model).predict(values, raw_score=True)`,
  catboost: `import catboost as c
m = c.CatBoostClassifier(); m.load_model(model, format='json')
out = m.predict(c.Pool(values, feature_names=names), prediction_type='RawFormulaVal')`,
  sklearn: `from sklearn.ensemble import RandomForestClassifier
m = RandomForestClassifier(n_estimators=100, max_depth=12, random_state=5, n_jobs=1).fit(values, labels)
out = m.predict_proba(values)[:, 1]`,
};
const TOLERANCE: Readonly<Record<EngineName, number>> = { xgboost: 0, lightgbm: 1e-6, catboost: 1e-6, sklearn: 1e-6 };

function predictedThere(name: EngineName, { values, labels, rows }: TrainingSet, bytes: Uint8Array): number[] {
  const [model, data, marks] = ['model', 'data', 'labels'].map((file) => join(scratch, `${name}-${file}`)) as [string, string, string]; // prettier-ignore
  writeFileSync(model, bytes);
  writeFileSync(data, Buffer.concat(values.map((column) => Buffer.from(column.buffer))));
  writeFileSync(marks, labels);
  const script = `import json, numpy as np
model, names = ${JSON.stringify(model)}, [f'f{i}' for i in range(${values.length})]
values = np.fromfile(${JSON.stringify(data)}, dtype='<f8').reshape(${values.length}, ${rows}).T
labels = np.fromfile(${JSON.stringify(marks)}, dtype=np.uint8)
${PREDICT[name]}
print(json.dumps([float(v) for v in out]))`;
  return JSON.parse(execFileSync(pythonOf(root, name), ['-c', script], { encoding: 'utf8' })) as number[];
}

describe.each(ENGINE_NAMES)('%s, native', (name) => {
  const training = aSet(1);

  it(
    'says its version, learns outside and scores here as it would there',
    () => {
      expect(Object.keys(findEngine(root, name).versions!)).toContain('numpy');
      const numeric: TrainingSet = { ...training, kinds: ['numeric', 'numeric', 'numeric', 'numeric'] };
      const engine = createNativeEngine(root, name);
      const bytes = engine.train(numeric, { seed: 5 });
      const there = predictedThere(name, numeric, bytes);
      const here = margins(createNativeLearner({ ...engine, train: () => bytes }).fit(numeric, { seed: 5 }), numeric);
      const largest = Math.max(...here.map((margin, row) => Math.abs(margin - there[row]!)));
      expect(largest).toBeLessThanOrEqual(TOLERANCE[name]);
      expect(new Set(there).size).toBeGreaterThan(20);
    },
    FIT_MS,
  );

  it(
    'takes categories and validation rows, explains itself, and comes back from its document bit for bit',
    () => {
      const learner = createNativeLearner(createNativeEngine(root, name));
      expect(learner.name).toBe(`${name}-native`);
      const model = learner.fit(training, { seed: 5, validation: aSet(2) });
      const stored = modelFromDocument(JSON.parse(JSON.stringify(model.toDocument())));
      expect(margins(stored, training)).toEqual(margins(model, training));
      const stack = createStack([model, stored], [0.4, 0.6], 0.1);
      const unseen = Float64Array.of(0.3, NaN, 0, 77_777);
      for (const row of [...Array(20).keys()].map((index) => rowOf(training, index)).concat([unseen])) {
        const contributions = new Float64Array(4);
        const expected = stack.addContributions(row, contributions, 1);
        expect(expected + contributions.reduce((sum, value) => sum + value, 0)).toBeCloseTo(stack.margin(row), 9);
      }
    },
    FIT_MS,
  );
});

describe('engines', () => {
  it('that are not installed or fail say what to do, and leave nothing', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'sentinel-no-engines-'));
    expect(() => createNativeEngine(elsewhere, 'xgboost')).toThrow('sentinel engines add xgboost');
    const refused = addEngine(elsewhere, 'xgboost', { python: join(elsewhere, 'no-python'), signal });
    await expect(refused).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    expect(findEngine(elsewhere, 'xgboost').versions).toBeUndefined();
    expect(await removeEngine(elsewhere, 'xgboost')).toBe(false);
    const empty = { ...aSet(1), labels: new Uint8Array(ROWS) };
    expect(() => createNativeEngine(root, 'catboost').train(empty, { seed: 1 })).toThrow(/catboost: .*[Tt]arget/);
    rmSync(elsewhere, { recursive: true });
  });
});
