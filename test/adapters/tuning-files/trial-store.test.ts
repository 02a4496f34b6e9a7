/** The file of trials: what was appended comes back, a torn line does not, another study is refused. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTrialFile } from '../../../src/adapters/tuning-files/trial-store.ts';
import { type Trial } from '../../../src/training/tuning/study.ts';
import { aDirectory } from '../../support/directories.ts';

const trial = (number: number): Trial => ({
  number,
  settings: { rate: 0.1 + number / 3 },
  steps: [0.1, 0.2 + number],
  state: 'complete',
  seconds: 1.5,
});
const identity = { learner: 'symmetric', seed: 1 };

describe('createTrialFile', () => {
  it('gives back in order what was appended, also all at once, bit for bit', async () => {
    const path = join(aDirectory(), 'deep', 'trials.jsonl');
    const store = createTrialFile(path, identity);
    expect(await store.load()).toEqual([]);
    await Promise.all([0, 1, 2, 3].map((number) => store.append(trial(number))));
    expect(await createTrialFile(path, identity).load()).toEqual([0, 1, 2, 3].map(trial));
  });

  it('drops a last line that a crash cut short and goes on after it', async () => {
    const path = join(aDirectory(), 'trials.jsonl');
    const store = createTrialFile(path, identity);
    await store.load();
    await store.append(trial(0));
    await appendFile(path, '{"number":1,"settings":{"ra');
    const again = createTrialFile(path, identity);
    expect(await again.load()).toEqual([trial(0)]);
    await again.append(trial(1));
    expect(await createTrialFile(path, identity).load()).toEqual([trial(0), trial(1)]);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4);
  });

  it('refuses trials of another study, and names a damaged line', async () => {
    const path = join(aDirectory(), 'trials.jsonl');
    const store = createTrialFile(path, identity);
    await store.load();
    await expect(createTrialFile(path, { ...identity, seed: 2 }).load()).rejects.toThrow(/trials of another study/);
    await appendFile(path, 'what?\n');
    await expect(createTrialFile(path, identity).load()).rejects.toThrow(/line 2 is damaged/);
  });
});
