import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plannedStages } from '../../../src/cli/pipeline/run-phases.ts';
import { readSubmission, type Submission } from '../../../src/cli/pipeline/submission.ts';
import { dvcPipeline } from '../../../src/datasets/dvc-files.ts';
import { SentinelError } from '../../../src/domain/errors.ts';
import { aDirectory } from '../../support/directories.ts';

function reading(text: string): Promise<Submission> {
  const file = join(aDirectory(), 'submission.yml');
  writeFileSync(file, text);
  return readSubmission(file);
}
async function problemsOf(text: string): Promise<readonly string[]> {
  const error: unknown = await reading(text).catch((reason: unknown) => reason);
  if (!(error instanceof SentinelError)) throw error;
  expect(error.code).toBe('PIPELINE_INVALID');
  return String(error.details['problems']).split('\n  ').filter(Boolean);
}

describe('the submission of this project', () => {
  it('can be used, and dvc.yaml is what it says', async () => {
    const submission = await readSubmission('submission.yml');
    expect(submission.phases.map(({ name }) => name)).toContain('deploy');
    expect(readFileSync('dvc.yaml', 'utf8')).toBe(dvcPipeline(await plannedStages(submission)));
  });
});

describe('a submission', () => {
  it('has its phases in the order they run in, with the defaults of their commands', async () => {
    const text = 'deploy: {}\ntrain: {learners: [logistic, tree], promote: true}\ndata:\n  generate: {rows: 500}\n';
    const { phases, reports } = await reading(text);
    expect(reports).toBe('reports');
    expect(phases.map(({ name }) => name)).toEqual(['generate', 'train', 'deploy']);
    const [generate, train, deploy] = phases.map((phase) => phase.given({ data: 'p.parquet' }));
    expect([generate!.number('rows'), generate!.number('seed')]).toEqual([500, 1]);
    expect([train!.text('learners'), train!.flag('promote'), train!.text('data')]).toEqual(['logistic,tree', true, 'p.parquet']); // prettier-ignore
    expect(deploy!.text('when')).toBe('better');
  });

  it('lets what it gives go before what is filled in', async () => {
    const { phases } = await reading('train: {data: mine.csv}\n');
    expect(phases[0]!.given({ data: 'other.csv' }).text('data')).toBe('mine.csv');
  });

  it('is a file', async () => {
    const directory = aDirectory();
    await expect(readSubmission(directory)).rejects.toThrow(
      `${directory}: \n  is a directory, where a file is expected`,
    );
  });

  it('says of settings that mean nothing that they do', async () => {
    expect(await problemsOf('smoke: {port: 1}\ntrain: {data: p.csv, learners: []}\n')).toEqual([
      'train.learners: expected at least one',
      'smoke.port: is not known; this phase takes no settings',
    ]);
  });

  it('names as files of a stage also those that an option of it names', async () => {
    const stages = await plannedStages(
      await reading('train: {data: p.csv, tuned: best.json}\nevaluate: {predictions: scores.csv}\n'),
    );
    expect(stages.get('train')!.deps).toEqual(['p.csv', 'best.json']);
    expect(stages.get('evaluate')!.outs).toEqual(['scores.csv', join('reports', 'evaluate.json')]);
  });

  it('names every mistake at once, with its place', async () => {
    const text = `
trian: {}
data:
  generate: {rows: 0, colour: red, out: p.parquet}
train: {lerners: tree, seed: soon, promote: 1, protocol: none}
evaluate: 5
test: {rocAuk: 0.9, precision: high}
deploy: {when: never}
`;
    expect(await problemsOf(text)).toEqual([
      'trian: is not known; did you mean train?',
      expect.stringMatching(/^data\.generate\.colour: is not known; known are rows, users/) as string,
      'data.generate.rows: expected a whole number of at least 1, got "0"',
      'train.lerners: is not known; did you mean learners?',
      'train.seed: expected a whole number of at least 0, got "soon"',
      'train.promote: expected true or false, got 1',
      expect.stringMatching(/^train\.protocol: expected one of time-ordered, handbook/) as string,
      'evaluate: expected settings by name, or {}',
      'test.rocAuk: is not known; did you mean rocAuc?',
      'test.precision: expected a number, got "high"',
      'deploy.when: expected one of better, always, got "never"',
    ]);
  });

  it.each([
    ['', ['expected phases by name']],
    ['- train', ['expected phases by name']],
    ['reports: out', ['there is no phase']],
    ['train: {}', ['train.data: is needed where there is no phase under data']],
    ['data: {generate: {}, prepare: {name: handbook, files: [a]}}', ['data: give generate or prepare, not both']],
    ['data: {prepare: {name: handbook}}', ['data.prepare.files: is needed']],
    ['test: {rocAuc: 0.5}', ['test: needs the phase evaluate']],
    ['deploy: {}\nevaluate: {}', ['evaluate: needs the phase train', 'deploy: needs the phase train']],
  ])('is refused when it says %j', async (text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });

  it('is refused when it is no YAML, or not there', async () => {
    expect((await problemsOf('train: [')).join()).toMatch(/line 1/);
    await expect(readSubmission('/nowhere/submission.yml')).rejects.toThrow(/there is no such file/);
  });
});
