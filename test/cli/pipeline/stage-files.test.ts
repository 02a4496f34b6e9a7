/** dvc.yaml may hold stages of others: they stay, comments too. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { writePipeline } from '../../../src/cli/pipeline/stage-files.ts';
import { dvcPipeline, type PlannedStage } from '../../../src/datasets/dvc-files.ts';
import { aDirectory } from '../../support/directories.ts';

const stage = (name: string): PlannedStage => ({
  cmd: `sentinel pipeline run submission.yml --phase ${name}`,
  deps: ['data.csv'],
  params: { file: 'submission.yml', values: { [name]: {} } },
  outs: [`reports/${name}.json`],
  metrics: [],
});
const stages = (...names: readonly string[]) => new Map(names.map((name) => [name, stage(name)]));
const OTHERS = `# ours
vars:
- colours.yaml
stages:
  # for the board
  report:
    cmd: make report
    deps: ['reports/evaluate.json']
plots:
- curve.csv
`;

describe('dvc.yaml', () => {
  const home = process.cwd();
  beforeEach(() => process.chdir(aDirectory()));
  afterAll(() => process.chdir(home));
  const read = (): string => readFileSync('dvc.yaml', 'utf8');

  it('holds the stages of the submission, and no longer those it had before', async () => {
    await writePipeline(stages('generate', 'train'));
    expect(read()).toBe(dvcPipeline(stages('generate', 'train')));
    await writePipeline(stages('train'));
    expect(read()).toBe(dvcPipeline(stages('train')));
  });

  it('keeps the stages, keys and comments of others', async () => {
    writeFileSync('dvc.yaml', OTHERS);
    await writePipeline(stages('generate', 'train'));
    const added = dvcPipeline(stages('generate', 'train')).replace('stages:\n', '');
    expect(read()).toBe(OTHERS.replace('plots:', `${added}plots:`).replace("['reports/evaluate.json']", "[ 'reports/evaluate.json' ]")); // prettier-ignore
    await writePipeline(stages('train'));
    expect(read()).toContain('# for the board');
    expect(read()).not.toContain('--phase generate');
    const text = read();
    await writePipeline(stages('train'));
    expect(read()).toBe(text);
  });

  it.each([
    ['stages: {train: {cmd: python train.py}}\n', 'stages.train: is not Sentinel’s'],
    ['stages: [train]\n', 'stages: expected stages by name'],
    ['stages: {\n', 'line'],
    ['- stages\n', 'expected keys and values'],
  ])('is left as it is where there is no place for them: %j', async (text, problem) => {
    writeFileSync('dvc.yaml', text);
    const refused = { code: 'PIPELINE_INVALID', message: expect.stringContaining(problem) as string };
    await expect(writePipeline(stages('train'))).rejects.toMatchObject(refused);
    expect(read()).toBe(text);
  });

  it('is made where there is none, or an empty one', async () => {
    writeFileSync('dvc.yaml', '# nothing yet\n');
    await writePipeline(stages('train'));
    expect(read()).toContain('--phase train');
    expect(existsSync('dvc.lock')).toBe(false);
  });
});
