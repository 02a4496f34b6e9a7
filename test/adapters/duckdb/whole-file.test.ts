/** Places where no file can be written are refused in plain words, before the work. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { literal, openEngine } from '../../../src/adapters/duckdb/engine.ts';
import { writeWhole } from '../../../src/adapters/duckdb/whole-file.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';
import { aDirectory } from '../../support/directories.ts';

function aPlace(): string {
  const directory = aDirectory();
  mkdirSync(join(directory, 'taken.csv'));
  writeFileSync(join(directory, 'a.csv'), 'kept');
  symlinkSync(join(directory, 'gone'), join(directory, 'link'));
  return directory;
}

describe('a file written whole', () => {
  it('makes the directories it needs, also beside itself at the same time', async () => {
    for (let round = 0; round < 30; round++) {
      const directory = join(aDirectory(), 'some', 'rather', 'deep');
      const names = Array.from({ length: 8 }, (_, index) => String(index));
      const write = (name: string) => writeWhole(join(directory, name), (temporary) => writeFile(temporary, 'text'));
      // Not all begin at once: one looks while another makes.
      await Promise.all(names.map((name, index) => delay(index / 4).then(() => write(name))));
      expect(readdirSync(directory)).toEqual(names);
    }
  });

  it.each([
    ['taken.csv', 'it is a directory'],
    ['a.csv/y.csv', 'a.csv is no directory'],
    ['a.csv/deep/y.csv', 'a.csv is no directory'],
    ['link/y.csv', 'link is no directory'],
  ])('refuses %s before anything is made', async (place, problem) => {
    const directory = aPlace();
    const before = readdirSync(directory);
    const path = join(directory, place);
    const written = writeWhole(path, () => Promise.reject(new Error('made')));
    await expect(written).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', details: { path } });
    await expect(written).rejects.toThrow(problem);
    expect(readdirSync(directory)).toEqual(before);
  });

  it('is named when there is no room for all of it', async () => {
    const path = join(aDirectory(), 'p.csv');
    const written = writeWhole(path, () => writeFile('/dev/full', 'text'));
    await expect(written).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', details: { path, problem: 'not all of it could be written (ENOSPC)' } }); // prettier-ignore
  });

  it('is named when DuckDB finds no room for all of it', async () => {
    const path = join(aDirectory(), 'p.parquet');
    const engine = await openEngine();
    const written = writeWhole(path, async (temporary) => {
      symlinkSync('/dev/full', temporary);
      await engine.connection.run(`COPY (SELECT 1) TO ${literal(temporary)} (FORMAT csv, USE_TMP_FILE false)`);
    });
    await expect(written).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', details: { path, problem: 'not all of it could be written (No space left on device)' } }); // prettier-ignore
    engine.close();
  });

  it.each(['/proc/x/y.csv', '/proc/y.csv'])('refuses %s and ends', async (path) => {
    const written = writeWhole(path, (temporary) => writeFile(temporary, 'text'));
    await expect(written).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});

it('datasets prepare refuses a file for its directory', async () => {
  const directory = aPlace();
  await ran(`generate --rows 5 --out ${directory}/p.csv`, COMMANDS);
  const { err } = await ran(`datasets prepare sentinel ${directory}/p.csv --data-dir ${directory}/a.csv`, COMMANDS);
  expect(err).toMatch(/Cannot write .*: .*a\.csv is no directory\nName another place/);
});
