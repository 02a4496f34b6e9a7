/** An experiment from the command line: models and policies on a file, and what is asked for wrongly. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { type SimulatedExperiment } from '../../../src/cli/render-experiment.ts';
import { type ModelCard } from '../../../src/training/model-card/card.ts';
import { ran, type Ran } from '../../support/command-lines.ts';
import { aConfig, aPayment, withService } from '../../support/services.ts';

interface Registered {
  readonly version: string;
  readonly card: ModelCard;
}

let directory = '';
let data = '';
let [champion, challenger]: Registered[] = [];

const run = (line: string): Promise<Ran> =>
  ran(line, COMMANDS, {
    environment: { SENTINEL_MODELS_DIR: `${directory}/models`, SENTINEL_DATA_DIR: `${directory}/data` },
  });

async function answer<T>(line: string): Promise<T> {
  const { exitCode, out, err } = await run(`${line} --json`);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out) as T;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sentinel-ab-'));
  data = join(directory, 'payments.csv.gz');
  await answer(`generate --rows 3000 --users 300 --fraud-share 0.15 --seed 5 --out ${data}`);
  champion = await answer<Registered>(`train --data ${data} --learners tree --replicates 0`);
  challenger = await answer<Registered>(`train --data ${data} --learners depth-wise --replicates 0`);
}, 120_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('ab', () => {
  it('measures two models on payments that neither learned from, the one in production being the champion', async () => {
    const line = `ab --challenger ${challenger!.version} --data ${data} --replicates 100 --looks 5`;
    const result = await answer<SimulatedExperiment>(line);
    const test = champion!.card.periods.at(-1)!;
    expect(result.versions.champion.model).toBe(champion!.version);
    expect(result.versions.challenger.model).toBe(challenger!.version);
    expect(result.fromMs).toBeGreaterThanOrEqual(test.fromMs);
    const { arms } = result;
    expect(arms.champion.payments + arms.challenger.payments).toBe(test.evaluation.payments);
    expect(arms.champion.frauds + arms.challenger.frauds).toBe(test.evaluation.frauds);
    expect(result.looks.map(({ payments }) => payments).at(-1)).toBe(test.evaluation.payments);
    expect(result.looks.at(-1)!.untilMs).toBe(result.toMs);
    expect(await answer(line)).toEqual(result);
    const { out } = await run(line);
    expect(out).toContain(`challenger  model ${challenger!.version}`);
    expect(out).toMatch(/Winner by money saved: (champion|challenger|undecided)\nSequential test/);
  });

  it('splits all payments of users by name and share from --from on', async () => {
    const line = `ab --challenger ${challenger!.version} --data ${data} --replicates 0 --from 2000-01-01`;
    const [half, other, tenth] = await Promise.all(['', ' --name other', ' --share 0.1'].map((more) => answer<SimulatedExperiment>(line + more))); // prettier-ignore
    const users = ({ arms }: SimulatedExperiment) => arms.champion.users + arms.challenger.users;
    expect([half, other, tenth].map((result) => users(result!))).toEqual([users(half!), users(half!), users(half!)]);
    expect(half!.arms.champion.payments + half!.arms.challenger.payments).toBe(3000);
    expect(other!.arms.champion).not.toEqual(half!.arms.champion);
    expect(tenth!.arms.challenger.users).toBeLessThan(half!.arms.challenger.users / 2);
  });

  it('tries a policy on the same model', async () => {
    const file = join(directory, 'policy.yaml');
    await writeFile(
      file,
      'rules:\n  - id: dear\n    when: amount > 0\n    outcome: block\n    reason: Everything is too dear.\n',
    );
    const { arms, versions } = await answer<SimulatedExperiment>(`ab --champion ${challenger!.version} --challenger-policy ${file} --data ${data} --replicates 0`); // prettier-ignore
    expect(versions.challenger.model).toBe(versions.champion.model);
    expect(arms.challenger).toMatchObject({ recall: 1, falsePositiveRate: 1 });
    expect(arms.champion.falsePositiveRate).toBeLessThan(1);
  });

  it('keeps the thresholds of the model under a policy that only adds to it, and tells lists apart', async () => {
    const [added, listed] = [join(directory, 'added.yaml'), join(directory, 'listed.yaml')];
    await writeFile(added, 'rules: [{ id: never, when: amount < 0, outcome: block, reason: Changes nothing }]\n');
    await writeFile(listed, 'lists: { block: [{ kind: user, id: nobody, reason: Changes nothing }] }\n');
    const line = `ab --champion ${champion!.version} --data ${data} --replicates 0`;
    const plain = await answer<SimulatedExperiment>(`${line} --challenger ${champion!.version}`);
    for (const file of [added, listed]) {
      const { arms, versions } = await answer<SimulatedExperiment>(`${line} --challenger-policy ${file}`);
      expect(arms).toEqual(plain.arms);
      expect(versions.challenger).not.toEqual(versions.champion);
    }
    const { out } = await run(`${line} --challenger-policy ${listed}`);
    expect(new Set(out.match(/lists l[0-9a-f]{12}/g)).size).toBe(2);
  });

  it('lets two models decide under the policy named for the champion', async () => {
    const file = join(directory, 'blind.yaml');
    await writeFile(file, 'rules: [{ id: all, when: amount > 0, outcome: block, reason: All }]\n');
    const line = `ab --challenger ${challenger!.version} --champion-policy ${file} --data ${data} --replicates 0`;
    const { arms } = await answer<SimulatedExperiment>(line);
    expect([arms.champion.recall, arms.challenger.recall]).toEqual([1, 1]);
    expect([arms.champion.falsePositiveRate, arms.challenger.falsePositiveRate]).toEqual([1, 1]);
  });

  it('reads the journal of the service, whose payments of today are too young to count', async () => {
    const config = aConfig(directory, join(directory, 'models'));
    await withService(config, (client) => client.post('/api/v1/predict', aPayment()));
    const { exitCode, err } = await ran(`ab --challenger ${challenger!.version}`, COMMANDS, {
      environment: { SENTINEL_MODELS_DIR: config.modelsDir, SENTINEL_DATA_DIR: config.dataDir },
    });
    expect(exitCode).toBe(2);
    expect(err).toContain('the champion has no payments: 0 could be measured; 1 are younger than the label delay');
    await rm(config.dataDir, { recursive: true });
  });

  it('refuses models and policies that reckon in two currencies, and a journal in a third', async () => {
    const euros = join(directory, 'euros.yaml');
    await writeFile(euros, 'base_currency: EUR\nrates: { EUR: 1, USD: 0.5 }\n');
    const { version } = await answer<Registered>(`train --data ${data} --learners tree --replicates 0 --policy-file ${euros}`); // prettier-ignore
    const mixed = await run(`ab --challenger ${version} --challenger-policy ${euros} --data ${data}`);
    expect(mixed).toMatchObject({ exitCode: 1, err: expect.stringContaining('base_currency: EUR for the challenger, USD for the champion') as string }); // prettier-ignore
    const config = aConfig(directory, join(directory, 'models'));
    await withService(config, (client) => client.post('/api/v1/predict', aPayment()));
    const foreign = await ran(`ab --champion ${version} --challenger ${version} --champion-policy ${euros}`, COMMANDS, {
      environment: { SENTINEL_MODELS_DIR: config.modelsDir, SENTINEL_DATA_DIR: config.dataDir },
    });
    expect(foreign).toMatchObject({ exitCode: 1, err: expect.stringContaining('the amounts on record are in USD') as string }); // prettier-ignore
    await rm(config.dataDir, { recursive: true });
  });

  it('says that the rates of the champion hold for both arms, where they differ', async () => {
    const dear = join(directory, 'dear-euros.yaml');
    await writeFile(dear, 'rates: { USD: 1, EUR: 9 }\n');
    const { err } = await run(`ab --challenger-policy ${dear} --data ${data} --replicates 0`);
    expect(err).toContain('Amounts are converted by the rates of the champion’s policy in both arms');
  });

  it('refuses what makes no experiment, saying what is missing', async () => {
    const refusals = [
      [`ab --data ${data}`, 'name a model with --challenger, or a policy with --challenger-policy'],
      [`ab --challenger ${challenger!.version}`, 'holds no journal; name a file with --data'],
      [`ab --challenger ${challenger!.version} --data ${data} --from 2100-01-01`, 'the champion has no payments: 0 could be measured'],
      [`ab --challenger ${challenger!.version} --data ${data} --from soon`, '--from: expected a day or an RFC 3339 time'],
    ] as const; // prettier-ignore
    for (const [line, problem] of refusals) {
      const { exitCode, err } = await run(line);
      expect({ line, exitCode }).toEqual({ line, exitCode: 2 });
      expect(err).toContain(problem);
    }
  });
});
