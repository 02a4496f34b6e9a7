import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';
import { aDirectory } from '../../support/directories.ts';

describe('sentinel engines', () => {
  it('lists every engine and says which are not installed', async () => {
    const { exitCode, out } = await ran(`engines --data-dir ${aDirectory()}`, COMMANDS);
    expect(exitCode).toBe(0);
    expect(out.match(/^\w+ +not installed$/gm)).toHaveLength(4);
  });

  it('refuses an engine it does not know before it installs anything', async () => {
    const { exitCode, err } = await ran(`engines add xgboost oracle --data-dir ${aDirectory()}`, COMMANDS);
    expect(exitCode).toBe(2);
    expect(err).toContain('no engine is called oracle; known are xgboost, lightgbm, catboost, sklearn');
  });

  it('says that Python is missing, and that a remedy is', async () => {
    const dataDir = aDirectory();
    const { exitCode, err } = await ran(
      `engines add lightgbm --python ${dataDir}/none --data-dir ${dataDir}`,
      COMMANDS,
    );
    expect(exitCode).toBe(1);
    expect(err).toMatch(/The native engine lightgbm: .*ENOENT/);
    expect((await ran(`engines remove lightgbm --data-dir ${dataDir}`, COMMANDS)).out).toContain('was not there');
  });

  it('keeps an engine that is installed where making it anew fails', async () => {
    const dataDir = aDirectory();
    const engine = join(dataDir, 'engines', 'lightgbm');
    mkdirSync(engine, { recursive: true });
    writeFileSync(join(engine, 'ready.json'), '{"lightgbm":"4.6.0"}');
    const line = `engines add lightgbm --python ${dataDir}/none --data-dir ${dataDir}`;
    for (let i = 0; i < 2; i++) expect((await ran(line, COMMANDS)).exitCode).toBe(1);
    expect((await ran(`engines --data-dir ${dataDir}`, COMMANDS)).out).toContain('lightgbm 4.6.0');
  });

  it('are offered by the help of train', async () => {
    const { out } = await ran('train --help', COMMANDS);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('of installed engines (sentinel engines) xgboost-native, lightgbm-native, catboost-native, sklearn-native.'); // prettier-ignore
  });

  it('are named by train when a learner needs one that is not there', async () => {
    const dataDir = aDirectory();
    const data = join(dataDir, 'payments.csv');
    writeFileSync(data, '');
    const line = `train --data ${data} --mapping sentinel --data-dir ${dataDir} --models-dir ${dataDir} --learners`;
    const missing = await ran(`${line} symmetric,xgboost-native`, COMMANDS);
    expect(missing.err).toContain('it is not installed; `sentinel engines add xgboost` does that');
    mkdirSync(join(dataDir, 'engines', 'xgboost'), { recursive: true });
    writeFileSync(join(dataDir, 'engines', 'xgboost', 'ready.json'), '{"xgboost":"3.0.0"}');
    const gone = await ran(`${line} symmetric,xgboost-native`, COMMANDS);
    expect(gone.err).toMatch(/its Python, .*, is gone; `sentinel engines add xgboost` makes it anew/);
    expect((await ran(`${line} xgboost-nativ`, COMMANDS)).err).toContain('known are logistic');
  });
});
