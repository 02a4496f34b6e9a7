import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
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

  const readReport = (name: string): Readonly<Record<string, unknown>> =>
    JSON.parse(readFileSync(join(directory, 'reports', `${name}.json`), 'utf8')) as Record<string, unknown>;

  it('measures the model it trained on payments it has not learned from', () => {
    const [trained, measured] = [readReport('train'), readReport('evaluate')];
    expect(measured).toMatchObject({ version: trained['version'], learnedFrom: false });
    const { periods } = trained['card'] as { periods: { name: string; evaluation: { payments: number } }[] };
    expect(measured['payments']).toBe(periods.find(({ name }) => name === 'test')!.evaluation.payments);
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

  it('ends with a failure at the first phase that fails', async () => {
    pipeline.write('submission.yml', SUBMISSION.replace('averagePrecision: 0.1', 'averagePrecision: 0.999'));
    const { exitCode, phases, texts } = await running();
    expect({ exitCode, last: phases.at(-1) }).toEqual({ exitCode: 1, last: 'test: failed' });
    expect(texts.at(-1)).toMatch(/^averagePrecision 0\.\d+, at least 0\.999 asked for$/);
  });

  it('says what is wrong with the file before anything runs', async () => {
    pipeline.write('wrong.yml', SUBMISSION.replace('learners', 'lerners'));
    const { exitCode, err } = await ran('pipeline run wrong.yml', COMMANDS);
    expect({ exitCode, err }).toMatchObject({ exitCode: 2, err: expect.stringContaining('train.lerners: is not known; did you mean learners?') as string }); // prettier-ignore
    expect(existsSync(join(directory, 'wrong'))).toBe(false);
  });
});
