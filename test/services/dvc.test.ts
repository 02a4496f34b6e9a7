/** DVC itself on what a pipeline writes: status, repro, pointers of inputs. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Run } from '../../src/ports/tracking.ts';
import { aPipeline, type PipelineDirectory, SUBMISSION } from '../support/pipelines.ts';
import { pythonWith } from '../support/python.ts';

const INSTALL_MS = 900_000;
const UP_TO_DATE = 'Data and pipelines are up to date.';
const directory = mkdtempSync(join(tmpdir(), 'sentinel-dvc-'));
const project = join(directory, 'project');
let programs = '';
let pipeline: PipelineDirectory;

function program(name: string, ...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(name, words, {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, DVC_NO_ANALYTICS: 'true' },
  });
  expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  return stdout;
}
const dvc = (...words: readonly string[]): string => program(join(programs, 'dvc'), ...words);
const report = (name: string): { readonly version: string } =>
  JSON.parse(readFileSync(join(project, 'reports', `${name}.json`), 'utf8')) as { version: string };

beforeAll(() => {
  programs = pythonWith(directory, ['dvc'], process.env['DVC_PROGRAMS']);
  pipeline = aPipeline(project);
  program('git', 'init', '-q');
  dvc('init', '-q');
}, INSTALL_MS);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('dvc', () => {
  it('finds a pipeline that has run up to date, and has nothing to do', () => {
    expect(pipeline.run('pipeline', 'run')).toMatchObject({ exitCode: 0 });
    expect(dvc('status').trim()).toBe(UP_TO_DATE);
    const said = dvc('repro');
    for (const stage of ['generate', 'train', 'evaluate']) {
      expect(said).toContain(`Stage '${stage}' didn't change, skipping`);
    }
    expect(dvc('metrics', 'show', '--json')).toContain('averagePrecision');
  });

  it('runs what a change of settings reaches, and the pipeline then has nothing to do', () => {
    const { version } = report('train');
    pipeline.write('submission.yml', SUBMISSION.replace('learners: [tree]', 'learners: [logistic]'));
    expect(dvc('status')).toMatch(/train:[\s\S]*submission\.yml/);
    const said = dvc('repro');
    expect(said).toContain("Stage 'generate' didn't change, skipping");
    expect(said).toContain("Running stage 'train'");
    expect(dvc('status').trim()).toBe(UP_TO_DATE);
    expect(report('train').version).not.toBe(version);
    expect(report('evaluate').version).toBe(report('train').version);
    const { out, exitCode } = pipeline.run('pipeline', 'run');
    expect({ exitCode, out }).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^generate +up to date\ntrain +up to date\nevaluate +up to date\n/) as string }); // prettier-ignore
    expect(dvc('status').trim()).toBe(UP_TO_DATE);
  });

  it('makes everything from nothing with dvc repro alone', () => {
    for (const name of ['data', 'reports', 'models', 'dvc.lock']) rmSync(join(project, name), { recursive: true });
    dvc('repro');
    expect(dvc('status').trim()).toBe(UP_TO_DATE);
    expect(existsSync(join(project, 'models', report('evaluate').version))).toBe(true);
  });

  it('brings back the data of a run by the pointer kept in it, the very one that dvc add writes', () => {
    const [run] = JSON.parse(pipeline.run('runs', '--json').out) as Run[];
    const pointer = join(project, 'models', 'runs', run!.id, 'artifacts', 'inputs', 'payments.parquet.dvc');
    mkdirSync(join(project, 'mine'));
    const mine = join(project, 'mine', 'payments.parquet');
    copyFileSync(join(project, 'data', 'payments.parquet'), mine);
    dvc('add', '-q', 'mine/payments.parquet');
    expect(readFileSync(`${mine}.dvc`, 'utf8')).toBe(readFileSync(pointer, 'utf8'));
    renameSync(mine, join(directory, 'aside'));
    copyFileSync(pointer, `${mine}.dvc`);
    dvc('checkout', '-q', 'mine/payments.parquet.dvc');
    expect(readFileSync(mine).equals(readFileSync(join(directory, 'aside')))).toBe(true);
  });
});
