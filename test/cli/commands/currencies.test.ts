/** Amounts of files on the scale of the configured policy, and models kept from policies of another scale. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { loadProduction } from '../../../src/compose/in-production.ts';
import { requireCurrency } from '../../../src/usecases/load-champion.ts';
import { ran, type Ran } from '../../support/command-lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'sentinel-currencies-'));
const modelsDir = join(directory, 'models');
const data = join(directory, 'payments.csv');
const rupees = join(directory, 'rupees.yaml');
const dollars = join(directory, 'dollars.yaml');
const strange = join(directory, 'strange.csv');
let version = '';

const run = (line: string): Promise<Ran> => ran(line, COMMANDS, { environment: { SENTINEL_MODELS_DIR: modelsDir } });
const train = (options: string): Promise<Ran> => run(`train --learners tree --replicates 0 ${options} --json`);
const stored = (from: string, name: string, file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(from, name, file), 'utf8')) as Record<string, unknown>;

beforeAll(async () => {
  writeFileSync(rupees, 'base_currency: INR\nrates: { USD: 87 }\n');
  writeFileSync(dollars, 'base_currency: USD\nrates: { ISK: 0.008 }\n');
  await run(`generate --rows 2000 --users 100 --fraud-share 0.15 --seed 3 --out ${data}`);
  const lines = readFileSync(data, 'utf8').trimEnd().split('\n');
  const currency = lines[0]!.split(',').indexOf('currency');
  const amount = lines[0]!.split(',').indexOf('amount');
  const cells = lines[5]!.split(',');
  cells[currency] = 'ISK';
  cells[amount] = '100';
  writeFileSync(strange, [...lines.slice(0, 5), cells.join(','), ...lines.slice(6)].join('\n'));
  ({ version } = JSON.parse((await train(`--data ${data}`)).out) as { version: string });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('a policy on another scale than the model', () => {
  it('serves nobody: both currencies are named', async () => {
    expect(stored(modelsDir, version, 'artifact.json')).toMatchObject({ currency: 'USD' });
    await expect(loadProduction({ modelsDir, policyFile: rupees })).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: `Policy, base_currency: INR, but ${version} has learned from amounts in USD`,
    });
    const { artifact } = await loadProduction({ modelsDir, policyFile: dollars });
    const { currency: _, ...earlier } = artifact; // artifacts of earlier versions do not say
    expect(() => requireCurrency(earlier, { base: 'INR', rates: {} })).not.toThrow();
  });

  it.each(['evaluate', 'explain --id t', 'replay --in-process', 'ab --challenger-policy POLICY'])(
    'is refused by %s',
    async (line) => {
      const { exitCode, err } = await run(`${line.replace('POLICY', rupees)} --data ${data} --policy-file ${rupees}`);
      expect({ exitCode, err }).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining('INR, but v') as string,
      });
    },
  );
});

describe('train', () => {
  it('learns on the scale of the configured policy, and says so in artifact and card', async () => {
    const own = join(directory, 'own');
    const { out } = await train(`--data ${data} --policy-file ${rupees} --models-dir ${own}`);
    const trained = JSON.parse(out) as { version: string };
    expect(stored(own, trained.version, 'artifact.json')).toMatchObject({ currency: 'INR' });
    expect(stored(own, trained.version, 'model-card.json')).toMatchObject({ currency: 'INR' });
    const amountOf = (from: string, name: string): number =>
      (stored(from, name, 'artifact.json') as { golden: { vector: number[] }[] }).golden[0]!.vector[0]!;
    expect(amountOf(own, trained.version) / amountOf(modelsDir, version)).toBeCloseTo(87, 1);
    await expect(loadProduction({ modelsDir: own, policyFile: rupees })).resolves.toBeDefined();
  });

  it('names line and value of a currency that has no rate, and takes it with a policy that has one', async () => {
    const { exitCode, err } = await run(`train --data ${strange} --learners tree`);
    expect({ exitCode, err }).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('strange.csv, line 6, column currency: no exchange rate') as string,
    });
    expect(err).toContain('(value ISK)');
    const own = join(directory, 'icelandic');
    expect(await train(`--data ${strange} --policy-file ${dollars} --models-dir ${own}`)).toMatchObject({ exitCode: 0 }); // prettier-ignore
  });
});

describe('what mistakes cost', () => {
  it('is what the configured policy says, whether a model is trained, measured or compared', async () => {
    const [own, dear] = [join(directory, 'dear'), join(directory, 'dear.yaml')];
    writeFileSync(dear, 'thresholds: { block: 0.4 }\ncosts: { review_cost: 1000 }\n');
    const trained = JSON.parse((await train(`--data ${data} --policy-file ${dear} --models-dir ${own}`)).out) as {
      readonly version: string;
    };
    expect(stored(own, trained.version, 'model-card.json')).toMatchObject({
      costs: { chargebackFee: 30, reviewCost: 1000, churnShare: 0.15 },
    });
    const saved = async (line: string): Promise<number> => {
      const { out } = await run(`${line} --data ${data} --replicates 0 --json`);
      return Number(/"moneySaved":\s*\{\s*"value":\s*(-?[\d.]+)/.exec(out)?.[1]);
    };
    for (const line of ['evaluate', `compare ${version}`]) {
      const [cheap, costly] = [await saved(line), await saved(`${line} --policy-file ${dear}`)];
      expect(cheap).toBeGreaterThan(costly);
    }
    cpSync(join(own, trained.version), join(modelsDir, trained.version), { recursive: true });
    const both = `compare ${version} ${trained.version} --replicates 0`;
    const sentence = 'Money is reckoned in different currencies or from different costs';
    expect((await run(both)).out).toContain(sentence);
    expect((await run(`${both} --data ${data}`)).out).not.toContain(sentence);
  });
});

describe.each([
  ['tune', '--learner tree --trials 1 --workers 1 --out'],
  ['features build', '--out'],
])('%s', (name, options) => {
  it('heeds the rates of the configured policy', async () => {
    const line = `${name} --data ${strange} ${options} ${join(directory, name.slice(0, 4))}`;
    expect((await run(line)).err).toContain('no exchange rate');
    expect(await run(`${line} --policy-file ${dollars}`)).toMatchObject({ exitCode: 0 });
  });
});
