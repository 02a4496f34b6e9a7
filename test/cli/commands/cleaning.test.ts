/** Rows that are dropped or repaired are told by every command that learns from a file or measures on one. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran, type Ran } from '../../support/command-lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'sentinel-cleaning-'));
const [whole, broken, unusable, empty, half] = ['whole', 'broken', 'unusable', 'empty', 'half'].map((name) => join(directory, `${name}.csv`)) as [string, string, string, string, string]; // prettier-ignore
const TOLD = ['1997 of 2000 rows kept', '  dropped 3: amount of zero or less'];
let trained: Ran;
let version = '';
let id = '';

const run = (line: string): Promise<Ran> =>
  ran(line, COMMANDS, { environment: { SENTINEL_MODELS_DIR: join(directory, 'models') } });

beforeAll(async () => {
  await run(`generate --rows 2000 --users 100 --fraud-share 0.15 --seed 3 --out ${whole}`);
  const [header, ...rows] = readFileSync(whole, 'utf8').trimEnd().split('\n');
  const amount = header!.split(',').indexOf('amount');
  const negative = rows.slice(0, 3).map((row) => row.split(',').with(amount, '-5').join(','));
  writeFileSync(broken, [header, ...negative, ...rows.slice(3)].join('\n'));
  writeFileSync(unusable, [header, ...negative].join('\n'));
  writeFileSync(empty, `${header}\n`);
  const label = header!.split(',').indexOf('is_fraud');
  const unlabelled = rows.slice(1000).map((row) => [...row.split(',').slice(0, label), '', '', ''].join(','));
  writeFileSync(half, [header, ...rows.slice(0, 1000), ...unlabelled].join('\n'));
  id = rows[100]!.split(',')[header!.split(',').indexOf('transaction_id')]!;
  trained = await run(`train --data ${broken} --learners tree --replicates 0 --json`);
  ({ version } = JSON.parse(trained.out) as { version: string });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it('train tells them, and keeps the counts in the model card', () => {
  for (const line of TOLD) expect(trained.err).toContain(line);
  const counts = { rowsRead: 2000, rowsKept: 1997, dropped: { 'amount-not-positive': 3 } };
  expect(JSON.parse(trained.out)).toMatchObject({ card: { cleaning: counts } });
  const page = readFileSync(join(directory, 'models', version, 'model-card.html'), 'utf8');
  expect(page).toContain('3: amount of zero or less');
});

it.each([
  'evaluate --replicates 0 --json',
  'compare VERSION --replicates 0',
  'tune --learner tree --trials 1 --workers 1 --out DIRECTORY/tuning',
  'ab --challenger VERSION',
  'replay --in-process',
  'explain --id ID',
])('%s tells them', async (line) => {
  const words = line.replace('VERSION', version).replace('DIRECTORY', directory).replace('ID', id);
  const { exitCode, err } = await run(`${words} --data ${broken}`);
  expect(exitCode).toBe(0);
  for (const told of TOLD) expect(err.split(told)).toHaveLength(2);
});

it.each(['evaluate --replicates 0', 'compare VERSION --replicates 0', 'ab --challenger VERSION'])(
  '%s says how many payments without a label it takes for genuine',
  async (line) => {
    const { exitCode, err } = await run(`${line.replace('VERSION', version)} --data ${half}`);
    expect(exitCode).toBe(0);
    expect(err).toContain('1000 of 2000 payments have no label: they count as genuine\n');
  },
);

it.each([
  ['evaluate', () => unusable, 'no usable row is left of 3: dropped 3: amount of zero or less'],
  ['compare VERSION', () => empty, 'it has no rows'],
  ['train', () => empty, 'it has no rows'],
])('%s names a file that leaves nothing to work on, and why', async (line, file, why) => {
  const { exitCode, err } = await run(`${line.replace('VERSION', version)} --data ${file()}`);
  expect(err).toContain(`${file()}: ${why}\n`);
  expect(exitCode).toBe(1);
});

it.each(['evaluate', 'compare VERSION'])('%s refuses to begin after the last payment', async (line) => {
  const words = `${line.replace('VERSION', version)} --from 2099-01-01 --data ${whole}`;
  const { exitCode, err } = await run(words);
  expect(err).toMatch(/--from: no payment is of 2099-01-01T00:00:00.000Z or later; the last is of 20/);
  expect(exitCode).toBe(2);
});

it('says nothing where nothing was dropped or repaired', async () => {
  const { err, out } = await run(`evaluate --replicates 0 --json --data ${whole}`);
  expect(err).not.toMatch(/rows kept|no label/);
  expect(JSON.parse(out)).toMatchObject({ cleaning: { rowsRead: 2000, rowsKept: 2000 } });
});

it.each([
  'features build --out DIRECTORY/features --data',
  'datasets prepare sentinel --data-dir DIRECTORY/data',
  'replay --in-process --data',
  'replay --flat-out --to http://127.0.0.1:1 --data',
])('%s refuses a file of which no row is left, naming it and why', async (line) => {
  const words = line.replace('DIRECTORY', directory);
  const { exitCode, err } = await run(`${words} ${unusable}`);
  expect(err).toContain(`${unusable}: no usable row is left of 3: dropped 3: amount of zero or less\n`);
  expect(exitCode).toBe(1);
  expect((await run(`${words} ${empty}`)).err).toContain(`${empty}: it has no rows\n`);
});
