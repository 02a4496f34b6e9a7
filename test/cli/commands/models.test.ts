import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { averagePrecision } from '../../../src/metrics/average-precision.ts';
import { rankedCounts } from '../../../src/metrics/ranked-counts.ts';
import { METRIC_NAMES, type MetricName } from '../../../src/training/metric-table.ts';
import { ran, type Ran } from '../../support/command-lines.ts';
import { openSmall } from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

interface Measured {
  readonly payments: number;
  readonly frauds: number;
  readonly learnedFrom: boolean;
  readonly metrics: Readonly<
    Record<MetricName, { readonly value: number; readonly low: number; readonly high: number }>
  >;
}

interface Explained {
  readonly margin: number;
  readonly baseMargin: number;
  readonly probability: number;
  readonly decision?: string;
  readonly contributions: readonly {
    readonly feature: string;
    readonly contribution: number;
    readonly sentence: string;
  }[];
}

const ROWS = 3_000;
let directory = '';
let data = '';
let version = '';

const run = (line: string): Promise<Ran> =>
  ran(line, COMMANDS, { environment: { SENTINEL_MODELS_DIR: `${directory}/models` } });

async function answer<T>(line: string): Promise<T> {
  const { exitCode, out, err } = await run(`${line} --json`);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out) as T;
}

const predictionsOf = (path: string): string[][] =>
  readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => line.split(',')); // prettier-ignore

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sentinel-models-'));
  data = join(directory, 'payments.csv.gz');
  await answer(`generate --rows ${ROWS} --users 150 --fraud-share 0.15 --seed 3 --out ${data}`);
  ({ version } = await answer<{ version: string }>(`train --data ${data} --learners logistic,tree --replicates 10`));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('train', () => {
  it('takes a model beyond the serving budget when it is named, and then explains only reviews and blocks at once', async () => {
    const line = `train --data ${data} --learners logistic,tree --replicates 0 --serving-budget-us 1 --models-dir ${directory}/dear`;
    const { version: dear } = await answer<{ version: string }>(`${line} --champion stack`);
    const artifact = JSON.parse(readFileSync(join(directory, 'dear', dear, 'artifact.json'), 'utf8')) as unknown;
    expect(artifact).toMatchObject({ modelType: 'stack of logistic, tree', explanations: 'flagged' });
  });

  it('refuses the name of a learner that is not to be fitted, before it fits any', async () => {
    const { err, exitCode } = await run(`train --data ${data} --learners tree --champion forest`);
    expect({ err, exitCode }).toMatchObject({ err: expect.stringContaining('forest is none of the learners') as string, exitCode: 2 }); // prettier-ignore
  });
});

describe('evaluate', () => {
  it('gives every metric with an interval around it, and the predictions it was computed from', async () => {
    const path = join(directory, 'predictions.csv');
    const result = await answer<Measured>(`evaluate --data ${data} --replicates 20 --predictions ${path}`);
    const [header, ...rows] = predictionsOf(path);
    expect(header).toEqual(['id', 'label', 'score', 'margin']);
    expect(rows).toHaveLength(result.payments);
    expect(result.payments).toBe(ROWS);
    expect(result.learnedFrom).toBe(true);
    expect(Object.keys(result.metrics)).toEqual(METRIC_NAMES);
    const { value, low, high } = result.metrics.averagePrecision;
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    const labels = Uint8Array.from(rows, (row) => Number(row[1]));
    expect(labels.reduce((sum, label) => sum + label, 0)).toBe(result.frauds);
    const margins = Float64Array.from(rows, (row) => Number(row[3]));
    expect(averagePrecision(rankedCounts(labels, margins))).toBe(value);
    const probabilities = Float64Array.from(rows, (row) => Number(row[2]));
    const squares = probabilities.map((probability, row) => (probability - labels[row]!) ** 2);
    expect(squares.reduce((sum, square) => sum + square, 0) / rows.length).toBeCloseTo(result.metrics.brier.value, 12);
  });

  it('measures only the payments from a day on, with those before as their history', async () => {
    const [all, some] = [join(directory, 'all.csv'), join(directory, 'some.csv')];
    await answer(`evaluate --data ${data} --replicates 0 --predictions ${all}`);
    const test = await answer<{ models: { measuredOn: { fromMs: number }; evaluation: Measured }[] }>(
      `compare ${version}`,
    );
    const { measuredOn, evaluation } = test.models[0]!;
    const from = new Date(measuredOn.fromMs).toISOString();
    const result = await answer<Measured>(
      `evaluate --data ${data} --replicates 0 --from ${from} --predictions ${some}`,
    );
    expect(result.learnedFrom).toBe(false);
    // It has learned from all that comes before its test period, but for the first payment too.
    for (const earlier of ['2000-01-01', new Date(measuredOn.fromMs - 7 * 86_400_000).toISOString()]) {
      const some = await answer<Measured>(`evaluate --data ${data} --replicates 0 --from ${earlier}`);
      expect({ earlier, learnedFrom: some.learnedFrom }).toEqual({ earlier, learnedFrom: true });
    }
    expect(predictionsOf(some).slice(1)).toEqual(predictionsOf(all).slice(-result.payments));
    // The model card measured the same payments in training.
    expect(result.payments).toBe(evaluation.payments);
    expect(result.metrics.rocAuc.value).toBe(evaluation.metrics.rocAuc.value);
  });

  it('never writes its predictions over the file it reads, whatever that is called', async () => {
    const before = readFileSync(data);
    const alias = join(directory, 'alias.csv.gz');
    symlinkSync(data, alias);
    for (const path of [data, join(directory, '.', 'x', '..', 'payments.csv.gz'), alias]) {
      const line = `evaluate --data ${path === data ? alias : data} --replicates 0 --predictions ${path}`;
      expect(await run(line)).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('is the file that is read') as string,
      });
    }
    expect(readFileSync(data).equals(before)).toBe(true);
  });

  it('says what is wrong with the model, the file or the moment', async () => {
    const none = await ran(`evaluate --data ${data} --models-dir ${directory}/none`, COMMANDS);
    expect(none).toMatchObject({ exitCode: 2, err: expect.stringContaining('no model is in production') as string });
    const unknown = await run(`evaluate --data ${data} --model v20000101_000000`);
    expect(unknown).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('v20000101_000000 is not known') as string,
    });
    const missing = await run(`evaluate --data ${directory}/missing.csv`);
    expect(missing).toMatchObject({ exitCode: 1, err: expect.stringContaining('there is no such file') as string });
    const moment = await run(`evaluate --data ${data} --from tomorrow`);
    expect(moment).toMatchObject({ exitCode: 2, err: expect.stringContaining('--from: expected a day') as string });
    const late = await run(`evaluate --data ${data} --from 2090-01-01 --predictions ${directory}/late.csv`);
    expect(late).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--from: no payment is of 2090') as string,
    });
    expect(existsSync(join(directory, 'late.csv'))).toBe(false);
  });
});

describe('a model that is damaged', () => {
  it('keeps neither the others from being listed nor new ones from being trained', async () => {
    const models = join(directory, 'damaged');
    const line = `train --data ${data} --learners logistic --replicates 0 --models-dir ${models}`;
    const { version: first } = await answer<{ version: string }>(line);
    await rm(join(models, first, 'manifest.json'));
    const { version: second } = await answer<{ version: string }>(`${line} --promote`);
    const { out, exitCode } = await run(`models --models-dir ${models}`);
    expect(exitCode).toBe(0);
    expect(out).toContain(`${second}  production  AP `);
    expect(out).toMatch(new RegExp(`${first}  archived    cannot be used: .*manifest\\.json: missing`));
  });
});

describe('explain', () => {
  it('adds up to the margin of a payment of a file, strongest first, in sentences', async () => {
    const path = join(directory, 'explained.csv');
    await answer(`evaluate --data ${data} --replicates 0 --predictions ${path}`);
    const [id, , score, margin] = predictionsOf(path)[ROWS - 10]!;
    const explained = await answer<Explained>(`explain --data ${data} --id ${id}`);
    expect([explained.probability, explained.margin]).toEqual([Number(score), Number(margin)]);
    const sum = explained.contributions.reduce((total, { contribution }) => total + contribution, explained.baseMargin);
    expect(sum).toBeCloseTo(explained.margin, 9);
    const sizes = explained.contributions.map(({ contribution }) => Math.abs(contribution));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(explained.contributions.every(({ sentence }) => sentence.length > 5)).toBe(true);
  });

  it('explains a decision of the journal with the model that made it', async () => {
    const journal = await openSmall(join(directory, 'state', 'journal'));
    const card = JSON.parse(readFileSync(join(directory, 'models', version, 'model-card.json'), 'utf8')) as {
      catalogue: { featureCount: number; hash: string };
    };
    const versions = { model: version, policy: 'p', lists: 'l', tables: 0, catalogue: card.catalogue.hash };
    const vector = new Float64Array(card.catalogue.featureCount).fill(1);
    await journal.append(aDecisionOf('decided', { versions, vector, outcome: 'block', rules: ['stop'] })).committed;
    await journal.close();
    const explained = await answer<Explained>(`explain --id decided --data-dir ${directory}/state`);
    expect(explained).toMatchObject({ decision: 'block', rules: ['stop'] });
    expect(explained.contributions.length).toBeGreaterThan(0);
    const unknown = await run(`explain --id never --data-dir ${directory}/state`);
    expect(unknown).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Transaction never is not known') as string,
    });
  });

  it('refuses a decision whose features are those of another catalogue than the model’s', async () => {
    const journal = await openSmall(join(directory, 'other', 'journal'));
    const versions = { model: version, policy: 'p', lists: 'l', tables: 0, catalogue: 'c0ffee' };
    await journal.append(aDecisionOf('decided', { versions, vector: Float64Array.of(1, 2) })).committed;
    await journal.close();
    const { exitCode, err } = await run(`explain --id decided --model ${version} --data-dir ${directory}/other`);
    expect({ exitCode, err }).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(
        /decided was scored with the feature catalogue c0ffee, v\d+_\d+ reads [0-9a-f]{8}/,
      ) as string,
    });
  });

  it('says when there is no journal', async () => {
    const { exitCode, err } = await run(`explain --id decided --data-dir ${directory}/nowhere`);
    expect({ exitCode, err }).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/there is no journal\nName the data directory .* --data-dir/) as string,
    });
  });

  it('says when the file holds no such payment', async () => {
    const { exitCode, err } = await run(`explain --data ${data} --id nobody`);
    expect({ exitCode, err }).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('nobody is not known') as string,
    });
  });
});

describe('a model that does not fit the policy configured', () => {
  it('is put in production, and said to keep the service from starting', async () => {
    const [handbook, euros] = [join(directory, 'handbook.yaml'), join(directory, 'euros.yaml')];
    writeFileSync(handbook, 'rules: [{ id: night, when: user_txn_count_1h > 1, outcome: review, reason: Often }]\n');
    writeFileSync(euros, 'base_currency: EUR\nrates: { EUR: 1, USD: 0.9 }\n');
    const models = join(directory, 'misfits');
    const line = `train --data ${data} --learners tree --catalogue handbook --replicates 0 --models-dir ${models}`;
    const trained = await run(`${line} --policy-file ${handbook} --json`);
    const { version: misfit } = JSON.parse(trained.out) as { version: string };
    const told = `will not start with ${misfit}`;
    expect(trained.err).toContain(`A service under ${handbook} ${told}`);
    const promote = (policy: string): Promise<Ran> => run(`models promote ${misfit} --models-dir ${models}${policy}`);
    expect(await promote(` --policy-file ${euros}`)).toMatchObject({ exitCode: 0, err: expect.stringContaining(`${told}. Policy, base_currency: EUR, but`) as string }); // prettier-ignore
    expect((await promote('')).err).not.toContain('will not start');
  });
});

describe('compare and models', () => {
  it('set versions side by side, on their own tests or on one file, and move them between stages', async () => {
    const trained = await answer<{ version: string; promoted: boolean }>(
      `train --data ${data} --learners tree --catalogue handbook --replicates 0`,
    );
    expect(trained.promoted).toBe(false);
    const cards = await answer<{ samePayments: boolean; models: unknown[] }>(`compare ${version} ${trained.version}`);
    expect(cards).toMatchObject({ samePayments: true, models: [{ version }, { version: trained.version }] });
    const line = `compare ${version} ${trained.version} --data ${data} --replicates 0`;
    const onFile = await answer<{ models: { evaluation: Measured }[] }>(line);
    expect(onFile.models.map(({ evaluation }) => evaluation.payments)).toEqual([ROWS, ROWS]);
    const page = join(directory, 'comparison.html');
    const text = (await run(`compare ${version} ${trained.version} --html ${page}`)).out;
    expect(text).toContain('Average precision');
    expect(text).toContain(`Learners of ${version}`);
    const html = readFileSync(page, 'utf8');
    for (const shown of [version, trained.version, 'logistic', 'stack']) expect(html.includes(shown)).toBe(true);
    await answer(`${line} --html ${page}`);
    expect(readFileSync(page, 'utf8')).toContain('All measured on the same 3,000 payments');

    // As evaluate does, it says that a model knows some of these payments, and takes a moment from which it does not.
    const sentence = `${version}, ${trained.version} learned from `;
    expect((await run(line)).out).toContain(sentence);
    expect(readFileSync(page, 'utf8')).toContain(sentence);
    const { measuredOn, evaluation } = (cards.models as { measuredOn: { fromMs: number }; evaluation: Measured }[])[0]!;
    const from = `--from ${new Date(measuredOn.fromMs).toISOString()}`;
    const later = await answer<typeof cards>(`${line} ${from}`);
    expect(later).toMatchObject({ models: [{ learnedFrom: false, evaluation: { payments: evaluation.payments } }, { learnedFrom: false }] }); // prettier-ignore
    expect((await run(`${line} ${from} --html ${directory}/new/place.html`)).out).not.toContain('learned from');
    expect(existsSync(join(directory, 'new', 'place.html'))).toBe(true);
    expect(await run(`compare ${version} ${from}`)).toMatchObject({ exitCode: 2, err: expect.stringContaining('--from needs --data') as string }); // prettier-ignore
    expect(await run(`${line} --html ${data}`)).toMatchObject({ exitCode: 2, err: expect.stringContaining('is the file that is read') as string }); // prettier-ignore

    expect(await answer('models')).toMatchObject([{ version: trained.version, stage: 'none' }, { version, stage: 'production' }]); // prettier-ignore
    expect(await answer(`models promote ${trained.version}`)).toMatchObject({ production: trained.version });
    expect(await answer(`models archive ${trained.version}`)).toMatchObject({ stage: 'archived', production: null });
    expect(await answer(`models promote ${version}`)).toMatchObject({ production: version });
    const unknown = await run('models promote v20000101_000000');
    expect(unknown).toMatchObject({ exitCode: 1, err: expect.stringContaining('is not known') as string });
  });
});
