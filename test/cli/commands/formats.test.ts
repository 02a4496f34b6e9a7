/** Models leave and come back through the command line. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { decodeModel } from '../../../src/formats/onnx/protobuf.ts';
import { type ModelCard } from '../../../src/training/model-card/card.ts';
import { ran, type Ran } from '../../support/command-lines.ts';
import { bytesOf, goldenFormats } from '../../support/golden-formats.ts';

interface Registered {
  readonly version: string;
  readonly directory: string;
  readonly promoted: boolean;
  readonly card: ModelCard;
}

let directory = '';
let data = '';
let own: Registered;

const run = (line: string): Promise<Ran> =>
  ran(line, COMMANDS, { environment: { SENTINEL_MODELS_DIR: `${directory}/models` } });

async function answer<T>(line: string): Promise<T> {
  const { exitCode, out, err } = await run(`${line} --json`);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out) as T;
}

async function marginsOf(version: string): Promise<readonly number[]> {
  const path = join(directory, `${version}.csv`);
  await answer(`evaluate --data ${data} --model ${version} --replicates 0 --predictions ${path}`);
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(1).map((line) => Number(line.split(',')[3])); // prettier-ignore
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sentinel-foreign-'));
  data = join(directory, 'payments.csv.gz');
  await answer(`generate --rows 2500 --users 150 --fraud-share 0.15 --seed 3 --out ${data}`);
  own = await answer<Registered>(`train --data ${data} --learners depth-wise --replicates 0`);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('export and import', () => {
  it('bring a model back through XGBoost, with its categories and its margins', async () => {
    const file = join(directory, 'model.json');
    await answer(`export --to xgboost --out ${file}`);
    const back = await answer<Registered>(`import --from xgboost --file ${file} --data ${data} --replicates 0`);
    expect(back).toMatchObject({ promoted: false, card: { importedFrom: { format: 'xgboost', path: file } } });
    expect(back.card.limits[0]).toMatch(/^Learned elsewhere \(xgboost\), calibrated and tested on sentinel/);
    expect(readFileSync(join(back.directory, 'model-card.html'), 'utf8')).toContain(back.card.importedFrom!.sha256);
    const [before, after] = [await marginsOf(own.version), await marginsOf(back.version)];
    const far = before.filter((margin, row) => Math.abs(margin - after[row]!) > 1e-5);
    // Values closer to a threshold than single precision tells apart may change sides.
    expect(far.length).toBeLessThan(before.length / 100);
    expect(before.length).toBe(2500);
  });

  it('write ONNX with the features of the catalogue and the thresholds', async () => {
    const file = join(directory, 'model.onnx');
    const { features } = await answer<{ features: number }>(`export --model ${own.version} --to onnx --out ${file}`);
    const { metadata_props: metadata, graph } = decodeModel(readFileSync(file));
    const texts = new Map(metadata.map(({ key, value }) => [key, value]));
    expect(JSON.parse(texts.get('feature_names')!)).toHaveLength(features);
    expect(texts.get('model_version')).toBe(own.version);
    expect(Number(texts.get('review_threshold'))).toBe(own.card.thresholds.review);
    expect(graph.node.map(({ op_type }) => op_type)).toContain('TreeEnsembleRegressor');
  });

  it('are of files, not of directories', async () => {
    const { err } = await run(`import --from xgboost --file ${directory} --data ${data}`);
    expect(err).toContain(`${directory}: is a directory, where a file is expected`);
  });

  it('make the folder they write to', async () => {
    const path = join(directory, 'new', 'folder', 'model.onnx');
    expect(await run(`export --to onnx --out ${path}`)).toMatchObject({ exitCode: 0 });
    expect(existsSync(path)).toBe(true);
    const file = await run(`export --to onnx --out ${path}/model.onnx`);
    expect(file).toMatchObject({ exitCode: 2, err: expect.stringContaining('--out') as string });
  });

  it('take names from a file, and serve a model that comes without', async () => {
    const [file, names] = [join(directory, 'forest.onnx'), join(directory, 'names.txt')];
    await writeFile(file, bytesOf(goldenFormats('onnx').get('forest').model));
    await writeFile(names, 'amount\namount_zscore\nuser_txn_count_24h\n\namount_cents\n');
    const { version } = await answer<Registered>(`import --from onnx --file ${file} --features ${names} --data ${data} --replicates 0`); // prettier-ignore
    const { out } = await run(`explain --data ${data} --model ${version} --id ${await firstId()}`);
    expect(out).toMatch(/amount/i);
  });

  it('refuse with exit code 1, naming what is missing', async () => {
    const file = join(directory, 'foreign.json');
    await writeFile(file, goldenFormats('xgboost').get('depth-wise').model);
    const refused = await run(`import --from xgboost --file ${file} --data ${data}`);
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toContain('its 3 features are not in the catalogue sentinel: ratio, count, cents');
    const absent = await run(`import --from xgboost --file ${directory}/none.json --data ${data}`);
    expect(absent).toMatchObject({ exitCode: 1 });
    expect(absent.err).toContain('there is no such file');
    const names = join(directory, 'names.json');
    await writeFile(names, '["amount",');
    const list = await run(`import --from xgboost --file ${file} --features ${names} --data ${data}`);
    expect(list.err).toContain('names.json');
    expect(list.exitCode).toBe(1);
    await writeFile(names, '\uFEFF["amount"]\r\n'); // read, and found to be too few
    const short = await run(`import --from xgboost --file ${file} --features ${names} --data ${data}`);
    expect(short.err).toContain('it reads 4 features, 1 names are given');
  });
});

async function firstId(): Promise<string> {
  const path = join(directory, 'ids.csv');
  await answer(`evaluate --data ${data} --model ${own.version} --replicates 0 --predictions ${path}`);
  return readFileSync(path, 'utf8').split('\n')[1]!.split(',')[0]!;
}
