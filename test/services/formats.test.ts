/** Parity with the real libraries, in the versions of today: their models here, ours there. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCatboost } from '../../src/formats/catboost/read.ts';
import { type ImportedModel } from '../../src/formats/imported-model.ts';
import { readLightgbm } from '../../src/formats/lightgbm/read.ts';
import { writeOnnx } from '../../src/formats/onnx/write.ts';
import { readXgboost } from '../../src/formats/xgboost/read.ts';
import { writeXgboost } from '../../src/formats/xgboost/write.ts';
import { createIsotonic } from '../../src/learners/calibration/isotonic.ts';
import { createPlatt } from '../../src/learners/calibration/platt.ts';
import { rowsToScore, someModels } from '../support/exported-models.ts';
import { type GoldenCase, type GoldenFile, goldenFormats, readGoldenOnnx } from '../support/golden-formats.ts';
import { expectExplained, marginDifferences } from '../support/imported-models.ts';

const PACKAGES = ['xgboost', 'lightgbm', 'catboost', 'scikit-learn', 'skl2onnx', 'onnxruntime', 'shap', 'pandas'];
const INSTALL_MS = 900_000;
const SCRIPTS = join(import.meta.dirname, '..', 'golden', 'formats');

const directory = mkdtempSync(join(tmpdir(), 'sentinel-formats-'));
/** An interpreter that has the packages already may be named, to save their installation. */
let python = process.env['FORMATS_PYTHON'];

const run = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  if (python === undefined) {
    run('python3', '-m', 'venv', join(directory, 'venv'));
    python = join(directory, 'venv', 'bin', 'python');
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES);
  }
  run(python, join(SCRIPTS, 'recipe.py'), directory);
}, INSTALL_MS);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Reader = (golden: GoldenFile, item: GoldenCase) => ImportedModel;

/** Most that margins may differ from the library's. */
const LIBRARIES: readonly { readonly library: string; readonly read: Reader; readonly tolerance: number }[] = [
  { library: 'xgboost', read: (_, { model }) => readXgboost(model), tolerance: 0 },
  { library: 'lightgbm', read: (_, { model }) => readLightgbm(model), tolerance: 1e-6 },
  { library: 'catboost', read: (_, { model }) => readCatboost(model), tolerance: 1e-6 },
  { library: 'onnx', read: readGoldenOnnx, tolerance: 2e-6 },
];

describe.each(LIBRARIES)('models of $library', ({ library, read, tolerance }) => {
  it('give their margins and contributions here', () => {
    const golden = goldenFormats(library, directory);
    expect(golden.cases.length).toBeGreaterThan(5);
    for (const item of golden.cases) {
      const imported = read(golden, item);
      expect(marginDifferences(imported, item).largest, item.name).toBeLessThanOrEqual(tolerance);
      expectExplained(imported, item);
    }
  });
});

interface Scores {
  readonly margins: readonly number[];
  readonly probabilities?: readonly number[];
}

const NAMES = ['x0', 'x1', 'x2', 'category'];
const BOOSTED = ['depth-wise', 'leaf-wise', 'leaf-wise-sets', 'symmetric'];

describe('our models', () => {
  const models = someModels(3);
  const rows = { onnx: rowsToScore(3), xgboost: rowsToScore(3, { single: true }) };
  const calibrators = [createPlatt(1.3, -0.2), createIsotonic(Float64Array.of(-3, -1, 0.5), Float64Array.of(0.01, 0.3, 0.9))]; // prettier-ignore
  let scores: Readonly<Record<string, Scores>> = {};

  beforeAll(() => {
    const cases = models.flatMap(({ name, model }, index) => {
      const calibrator = calibrators[index % 2]!.toDocument();
      const files = [{ name: `onnx ${name}`, format: 'onnx' as const, file: `${name}.onnx` }];
      const bytes = writeOnnx({ model: model.toDocument(), calibrator, names: NAMES, version: 'v20260101_120000' });
      writeFileSync(join(directory, `${name}.onnx`), bytes);
      if (!BOOSTED.includes(name)) return files;
      writeFileSync(join(directory, `${name}.json`), writeXgboost(model.toDocument(), NAMES));
      return [...files, { name: `xgboost ${name}`, format: 'xgboost' as const, file: `${name}.json` }];
    });
    const plain = (list: readonly Float64Array[]) =>
      list.map((row) => [...row].map((x) => (Number.isNaN(x) ? null : x)));
    const withRows = cases.map((item) => ({ ...item, rows: plain(rows[item.format as keyof typeof rows]) }));
    writeFileSync(join(directory, 'cases.json'), JSON.stringify(withRows));
    run(python!, join(SCRIPTS, 'score.py'), directory);
    scores = JSON.parse(readFileSync(join(directory, 'scores.json'), 'utf8')) as Record<string, Scores>;
  });

  it.each(models.map(({ name }, index) => ({ name, index })))('of kind $name score the same in ONNX Runtime', ({ name, index }) => {
    const { margins, probabilities } = scores[`onnx ${name}`]!;
    rows.onnx.forEach((row, place) => {
      const margin = models[index]!.model.margin(row);
      expect(Math.abs(margins[place]! - margin)).toBeLessThan(1e-9);
      expect(Math.abs(probabilities![place]! - calibrators[index % 2]!.apply(margin))).toBeLessThan(1e-9);
    });
  }); // prettier-ignore

  it.each(models.filter(({ name }) => BOOSTED.includes(name)))('of kind $name score the same in XGBoost', ({ name, model }) => {
    const { margins } = scores[`xgboost ${name}`]!;
    rows.xgboost.forEach((row, place) => {
      const margin = model.margin(row);
      expect(Math.abs(margins[place]! - margin)).toBeLessThan(1e-6 * Math.max(1, Math.abs(margin)));
    });
  }); // prettier-ignore
});
