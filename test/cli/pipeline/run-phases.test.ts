import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/adapters/yaml/read-yaml.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { type ModelEntry } from '../../../src/ports/model-registry.ts';
import { METRICS } from '../../../src/training/metric-table.ts';
import { ran } from '../../support/command-lines.ts';
import { keptDirectory } from '../../support/directories.ts';
import { aPipeline, type PipelineDirectory, SUBMISSION } from '../../support/pipelines.ts';

const TIMEOUT_MS = 120_000;
const directory = keptDirectory();
let pipeline: PipelineDirectory;

interface Ended {
  readonly exitCode: number;
  /** Phase and outcome in order. */
  readonly phases: readonly string[];
  readonly texts: readonly string[];
}

async function running(options = ''): Promise<Ended> {
  const { exitCode, out, err } = await ran(`pipeline run ${options} --json`, COMMANDS);
  const { phases = [], error } = JSON.parse(out || '{}') as { phases?: { phase: string; outcome: string; text: string }[]; error?: unknown }; // prettier-ignore
  if (error !== undefined) throw new Error(JSON.stringify(error) + err);
  return { exitCode, phases: phases.map(({ phase, outcome }) => `${phase}: ${outcome}`), texts: phases.map(({ text }) => text) }; // prettier-ignore
}

const DONE = ['generate: done', 'train: done', 'evaluate: done', 'test: done', 'deploy: done'];

describe('a pipeline', { timeout: TIMEOUT_MS }, () => {
  const home = process.cwd();
  beforeAll(async () => {
    pipeline = aPipeline(directory);
    process.chdir(directory); // paths of a submission begin where it is run
    expect(await running()).toMatchObject({ exitCode: 0, phases: DONE });
  }, TIMEOUT_MS);
  afterAll(() => process.chdir(home));

  const readReport = (name: string, reports = 'reports'): Readonly<Record<string, unknown>> =>
    JSON.parse(readFileSync(join(directory, reports, `${name}.json`), 'utf8')) as Record<string, unknown>;

  it('measures the model it trained on payments it has not learned from', () => {
    const [trained, measured] = [readReport('train'), readReport('evaluate')];
    expect(measured).toMatchObject({ version: trained['version'], learnedFrom: false });
    const { periods } = trained['card'] as { periods: { name: string; evaluation: { payments: number } }[] };
    expect(measured['payments']).toBe(periods.find(({ name }) => name === 'test')!.evaluation.payments);
  });

  it.each([
    ['logLoss: 0.0000001', 1, /^logLoss 0\.\d+, at most 1e-7 asked for$/],
    ['logLoss: 2', 0, /^logLoss 0\.\d+, at most 2 asked for$/],
    ['falsePositiveRate: 1', 0, /^falsePositiveRate 0\.\d+, at most 1 asked for$/],
    ['recall: 0', 0, /^recall \d\.\d+, at least 0 asked for$/],
  ])('asks for at most a value where lower is better: %s', async (asked, exitCode, text) => {
    pipeline.write('gate.yml', SUBMISSION.replace('averagePrecision: 0.1', asked));
    const ended = await running('gate.yml --phase test');
    expect(ended).toMatchObject({ exitCode, texts: [expect.stringMatching(text) as string] });
  });

  it('does not take for good what could not be measured', async () => {
    const path = join(directory, 'reports', 'evaluate.json');
    const report = readFileSync(path, 'utf8');
    writeFileSync(path, JSON.stringify({ metrics: { logLoss: { value: null }, recall: { value: null } } }));
    pipeline.write('gate.yml', SUBMISSION.replace('averagePrecision: 0.1', 'logLoss: 2, recall: 0'));
    const { exitCode, texts } = await running('gate.yml --phase test');
    writeFileSync(path, report);
    expect({ exitCode, texts }).toEqual({ exitCode: 1, texts: ['logLoss NaN, at most 2 asked for\nrecall NaN, at least 0 asked for'] }); // prettier-ignore
  });

  it('names a report that is damaged, and the phase that makes it', async () => {
    const path = join(directory, 'reports', 'train.json');
    const report = readFileSync(path, 'utf8');
    writeFileSync(path, report.slice(0, 100));
    const { exitCode, err } = await ran('pipeline run --phase evaluate', COMMANDS);
    writeFileSync(path, report);
    expect({ exitCode, err }).toMatchObject({ exitCode: 2, err: expect.stringContaining(`${join('reports', 'train.json')}: is damaged: run the phase train again`) as string }); // prettier-ignore
  });

  it('skips what is up to date, and runs again only what a change reaches', async () => {
    const upToDate = [
      'generate: up to date',
      'train: up to date',
      'evaluate: up to date',
      'test: done',
      'deploy: done',
    ];
    expect(await running()).toMatchObject({ exitCode: 0, phases: upToDate });
    pipeline.write('submission.yml', SUBMISSION.replace('evaluate: {replicates: 0}', 'evaluate: {replicates: 5}'));
    expect((await running()).phases).toEqual(upToDate.with(2, 'evaluate: done'));
    rmSync(join(directory, 'reports', 'evaluate.json'));
    expect((await running()).phases).toEqual(upToDate.with(2, 'evaluate: done'));
    rmSync(join(directory, 'data', 'payments.parquet'));
    // The same seed makes the same bytes, so nothing behind it has changed.
    expect((await running()).phases).toEqual(upToDate.with(0, 'generate: done'));
    expect((await running('--again')).phases).toEqual(DONE);
  });

  it('trains again when the model is gone from the registry', async () => {
    rmSync(join(directory, 'models', String(readReport('train')['version'])), { recursive: true });
    expect((await running()).phases.slice(0, 3)).toEqual(['generate: up to date', 'train: done', 'evaluate: done']);
  });

  it('puts the model in production only when it is at least as good, by the measure asked for', async () => {
    const champion = String(readReport('train')['version']);
    pipeline.write('submission.yml', SUBMISSION.replace('[tree]', '[logistic]'));
    await running();
    const challenger = String(readReport('train')['version']);
    expect(challenger).not.toBe(champion);
    const stayed = new Set<boolean>();
    for (const metric of ['recall', 'falsePositiveRate', 'averagePrecision', 'brier'] as const) {
      await ran(`models promote ${champion}`, COMMANDS);
      pipeline.write('submission.yml', SUBMISSION.replace('deploy: {}', `deploy: {metric: ${metric}}`));
      const [text] = (await running('--phase deploy')).texts;
      const [first, second] = [...text!.matchAll(/ (\d\.\d{4})/g)].map((match) => Number(match[1]));
      const stays = text!.startsWith(champion);
      const [ofChallenger, ofChampion] = stays ? [second!, first!] : [first!, second!];
      const isWorse = METRICS[metric].better === 'higher' ? ofChallenger < ofChampion : ofChallenger > ofChampion;
      expect({ metric, stays }).toEqual({ metric, stays: isWorse });
      const models = JSON.parse((await ran('models --json', COMMANDS)).out) as ModelEntry[];
      expect(models.find(({ stage }) => stage === 'production')!.version).toBe(stays ? champion : challenger);
      stayed.add(stays);
    }
    expect(stayed.size).toBe(2);
  });

  it('learns from prepared files, under the mapping they were prepared with', async () => {
    await ran('generate --rows 2500 --users 120 --fraud-share 0.2 --out raw.csv', COMMANDS);
    const data = 'data: {prepare: {name: sentinel, files: [raw.csv]}}\nreports: prepared\n';
    pipeline.write('prepared.yml', `${data}train: {learners: [tree], replicates: 0}\nevaluate: {replicates: 0}\n`);
    expect(await running('prepared.yml')).toMatchObject({ exitCode: 0, phases: ['prepare: done', 'train: done', 'evaluate: done'] }); // prettier-ignore
    expect((await running('prepared.yml')).phases).toEqual(['prepare: up to date', 'train: up to date', 'evaluate: up to date']); // prettier-ignore
    expect(readFileSync(join(directory, 'dvc.lock'), 'utf8')).toContain('path: raw.csv');
  });

  it('prepares again when the prepared data is gone or empty', async () => {
    const prepared = String(readReport('prepare', 'prepared')['directory']);
    const data = join(prepared, 'transactions.parquet');
    for (const damage of [() => rmSync(prepared, { recursive: true }), () => writeFileSync(data, '')]) {
      damage();
      expect((await running('prepared.yml')).phases).toEqual(['prepare: done', 'train: up to date', 'evaluate: up to date']); // prettier-ignore
      expect(statSync(data).size).toBeGreaterThan(1_000);
    }
  });

  it('puts no model in production that failed its test, also where there is no other', async () => {
    const models = ['--models-dir', join(directory, 'untested')].join(' ');
    const inProduction = async (): Promise<readonly string[]> =>
      (JSON.parse((await ran(`models --json ${models}`, COMMANDS)).out) as ModelEntry[])
        .filter(({ stage }) => stage === 'production')
        .map(({ version }) => version);
    pipeline.write('strict.yml', `${SUBMISSION.replace('averagePrecision: 0.1', 'averagePrecision: 0.999')}reports: strict\n`); // prettier-ignore
    expect((await running(`strict.yml ${models}`)).phases.at(-1)).toBe('test: failed');
    expect(await inProduction()).toEqual([]);
    expect((await running(`strict.yml --phase deploy ${models}`)).texts).toEqual([
      expect.stringMatching(/is in production now: no other is$/) as string,
    ]);
    expect(await inProduction()).toEqual([readReport('train', 'strict')['version']]);
  });

  it('ends with a failure at the first phase that fails', async () => {
    pipeline.write('submission.yml', SUBMISSION.replace('averagePrecision: 0.1', 'averagePrecision: 0.999'));
    const { exitCode, phases, texts } = await running();
    expect({ exitCode, last: phases.at(-1) }).toEqual({ exitCode: 1, last: 'test: failed' });
    expect(texts.at(-1)).toMatch(/^averagePrecision 0\.\d+, at least 0\.999 asked for$/);
  });

  it('tells what came before a phase that throws, and why that one did', async () => {
    pipeline.write(
      'few.yml',
      SUBMISSION.replace('rows: 3000', 'rows: 20').replace('payments', 'few') + 'reports: few\n',
    );
    const { exitCode, out, err } = await ran('pipeline run few.yml', COMMANDS);
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.not.stringContaining('Too little') as string });
    expect(out).toMatch(
      /^generate {2}done .*\n(.+\n)+train {5}failed .*\n {2}Too little to learn from.*\n {2}→ Give more labelled data/,
    );
    const { phases } = JSON.parse((await ran('pipeline run few.yml --json', COMMANDS)).out) as { phases: unknown[] };
    expect(phases).toMatchObject([
      { phase: 'generate', outcome: 'up to date' },
      { phase: 'train', outcome: 'failed', error: { code: 'LABELS_INSUFFICIENT' } },
    ]);
  });

  it('has one payment decided beside the servers, keys and processes of the service in production', async () => {
    pipeline.write('smoke.yml', 'smoke: {}\n');
    const environment = { KAFKA_BROKERS: '127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1', API_WORKERS: '2', SENTINEL_KEYS_FILE: 'none.json' }; // prettier-ignore
    const { exitCode, out } = await ran('pipeline run smoke.yml', COMMANDS, { environment });
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/decided: \w+, score 0/) as string });
  });

  it('gives the flags it was given to dvc.yaml, as a shell reads them', async () => {
    pipeline.write("it's.yml", 'data: {generate: {rows: 100, users: 10, out: own.csv}}\nreports: own\n');
    pipeline.write('own.yaml', 'server: {port: 1}\n');
    const flags = ['--models-dir', "$HOME/it's;", '--data-dir', 'own', '--config', 'own.yaml'];
    expect(await running(`it's.yml --again ${flags.join(' ')}`)).toMatchObject({ exitCode: 0 });
    const { value } = readYaml(readFileSync(join(directory, 'dvc.yaml'), 'utf8')) as { value: { stages: { generate: { cmd: string } } } }; // prettier-ignore
    const cmd = value.stages.generate.cmd.replace('./sentinel', "printf '%s\\n'");
    const words = execFileSync('sh', ['-c', cmd], { encoding: 'utf8' }).trim().split('\n');
    expect(words).toEqual(['pipeline', 'run', "it's.yml", '--data-dir', 'own', '--models-dir', "$HOME/it's;", '--config', 'own.yaml', '--phase', 'generate']); // prettier-ignore
    const again = await running(`it's.yml ${flags.join(' ')}`);
    expect(again.phases).toEqual(['generate: up to date']);
  });

  it('runs again when a file that an option names has changed or is gone', async () => {
    const options = { learners: '[tree], tuned: best.json', evaluate: 'evaluate: {predictions: scores.csv, ' };
    const text = SUBMISSION.replace('[tree]', options.learners).replace('evaluate: {', options.evaluate);
    pipeline.write('tuned.yml', `${text}reports: tuned\n`);
    pipeline.write('best.json', '{"tree": {"maximumDepth": 3}}');
    const outcomes = async (): Promise<string> => (await running('tuned.yml')).phases.slice(0, 3).join(', ');
    await outcomes();
    expect(await outcomes()).toBe('generate: up to date, train: up to date, evaluate: up to date');
    rmSync(join(directory, 'scores.csv'));
    expect(await outcomes()).toBe('generate: up to date, train: up to date, evaluate: done');
    pipeline.write('best.json', '{"tree": {"maximumDepth": 4}}');
    expect(await outcomes()).toBe('generate: up to date, train: done, evaluate: done');
  });

  it('says what is wrong with the file before anything runs', async () => {
    pipeline.write('wrong.yml', SUBMISSION.replace('learners', 'lerners'));
    const { exitCode, err } = await ran('pipeline run wrong.yml', COMMANDS);
    expect({ exitCode, err }).toMatchObject({ exitCode: 2, err: expect.stringContaining('train.lerners: is not known; did you mean learners?') as string }); // prettier-ignore
    expect(existsSync(join(directory, 'wrong'))).toBe(false);
  });
});
