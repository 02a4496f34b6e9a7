/** Tuning from the command line, on threads of its own, and training with what it chose between. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { type ModelCard } from '../../../src/training/model-card/card.ts';
import { ran, type Ran } from '../../support/command-lines.ts';
import { handbookCsv, handbookPayments } from '../../support/handbook-files.ts';

interface Tuned {
  readonly trials: number;
  readonly resumed: number;
  readonly averagePrecision: number;
  readonly settings: Readonly<Record<string, number>>;
}

let directory = '';
let data = '';
const run = (line: string): Promise<Ran> => ran(line, COMMANDS, { environment: { SENTINEL_MODELS_DIR: `${directory}/models` } }); // prettier-ignore

async function answer<T>(line: string): Promise<T> {
  const { exitCode, out, err } = await run(`${line} --json`);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out) as T;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sentinel-tune-'));
  data = join(directory, 'payments.csv');
  await answer(`generate --rows 3000 --users 150 --fraud-share 0.15 --seed 3 --out ${data}`);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('tune', () => {
  it('goes on where it stopped, shows its course, and gives settings that training takes', async () => {
    const line = `tune --data ${data} --learner tree --startup 3 --folds 2 --workers 1`;
    const first = await answer<Tuned>(`${line} --trials 3 --out ${directory}/a`);
    expect(first).toMatchObject({ trials: 3, resumed: 0 });
    const second = await answer<Tuned>(`${line} --trials 6 --out ${directory}/a`);
    expect(second).toMatchObject({ trials: 6, resumed: 3 });
    expect(second.averagePrecision).toBeGreaterThanOrEqual(first.averagePrecision);
    // The same seed in one go tries the same settings.
    const whole = await answer<Tuned>(`${line} --trials 6 --out ${directory}/b`);
    expect(whole.settings).toEqual(second.settings);
    expect(readFileSync(join(directory, 'a', 'tuning.html'), 'utf8')).toContain('History');

    const other = await run(`${line} --trials 6 --seed 2 --out ${directory}/a`);
    expect(other).toMatchObject({ exitCode: 2, err: expect.stringContaining('another study') as string });

    const train = `train --data ${data} --learners logistic,tree --replicates 0 --tuned ${directory}/a/best.json`;
    const { card } = await answer<{ card: ModelCard }>(`${train} --validation stratified --folds 3 --class-weight balanced --threshold max-fpr:0.05`); // prettier-ignore
    expect(card.thresholdRule).toMatchObject({ kind: 'maximum-fpr', fpr: 0.05 });
    expect(card.candidates.find(({ name }) => name === 'tree')!.folds).toHaveLength(3);
    expect(card.suspicious).toEqual([]);
  }, 60_000);

  it('searches on the features training takes, unless told others', async () => {
    const file = join(directory, 'handbook.csv');
    const [fromMs, toMs] = ['2018-04-01', '2018-08-01'].map((date) => Date.parse(date)) as [number, number];
    await writeFile(file, handbookCsv(handbookPayments(fromMs, toMs, 2_000)));
    const line = `tune --data ${file} --mapping handbook --learner tree --folds 2 --trials 1 --workers 1`;
    const studied = async (out: string): Promise<unknown> =>
      JSON.parse((await readFile(join(out, 'trials.jsonl'), 'utf8')).split('\n', 1)[0]!);
    const out = join(directory, 'h');
    await answer<Tuned>(`${line} --out ${out}`);
    expect(await studied(out)).toMatchObject({ mapping: 'handbook', catalogue: 'sentinel' });
    const published = join(directory, 'p');
    await answer<Tuned>(`${line} --catalogue handbook --out ${published}`);
    expect(await studied(published)).toMatchObject({ mapping: 'handbook', catalogue: 'handbook' });
  });

  it('does not go on with trials under other exchange rates', async () => {
    const policy = join(directory, 'policy.yaml');
    await writeFile(policy, 'base_currency: USD\nrates: { EUR: 2, GBP: 3 }\n');
    const line = `tune --data ${data} --learner tree --folds 2 --trials 1 --workers 1 --out ${directory}/r`;
    await answer<Tuned>(line);
    const other = await run(`${line} --policy-file ${policy}`);
    expect(other).toMatchObject({ exitCode: 2, err: expect.stringContaining('another study') as string });
  });

  it('says what is wrong with a choice before it computes', async () => {
    const wrong = join(directory, 'wrong.json');
    await writeFile(wrong, '{"tree":{"hue":3}}');
    const idle = join(directory, 'idle.json');
    await writeFile(idle, '{"tree":{},"symmetric":{}}');
    const cases: readonly (readonly [string, RegExp])[] = [
      ['--threshold best', /no threshold rule is called best/],
      ['--threshold fixed:0.7,0.5', /expected fixed:REVIEW,BLOCK/],
      ['--class-weight heavy', /--class-weight: expected balanced or a factor/],
      [`--tuned ${wrong}`, /tree has no setting hue/],
      [
        `--tuned ${idle}`,
        /--tuned has settings for symmetric, which is not among the learners tree; name it with --learners/,
      ],
      [`--tuned ${directory}/none.json`, /expected a JSON file written by sentinel tune/],
      ['--validation random', /expected one of temporal, stratified, prequential/],
    ];
    for (const [choice, problem] of cases) {
      const { exitCode, err } = await run(`train --data ${data} --learners tree ${choice}`);
      expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringMatching(problem) as string });
    }
  });
});
