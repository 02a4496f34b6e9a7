/** Several CSV files written side by side. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeCsvFiles } from '../../../src/adapters/duckdb/write-csv-files.ts';
import { aDirectory } from '../../support/directories.ts';

const filesIn = (directory: string) => [
  { path: join(directory, 'a.csv.gz'), header: 'n' },
  { path: join(directory, 'b.csv'), header: 'm' },
];

function* lines(rows: number, failAt = Infinity): Generator<readonly (string | undefined)[]> {
  for (let row = 0; row < rows; row++) {
    if (row === failAt) throw new Error('no more');
    yield [String(row), row % 3 === 0 ? String(-row) : undefined];
  }
}

describe('CSV files side by side', () => {
  it('hold the lines given to each, however many', async () => {
    const directory = aDirectory();
    const heard: number[] = [];
    expect(await writeCsvFiles(filesIn(directory), lines(500_000), (rows) => void heard.push(rows))).toBe(500_000);
    const first = gunzipSync(readFileSync(join(directory, 'a.csv.gz')))
      .toString()
      .split('\n');
    const second = readFileSync(join(directory, 'b.csv'), 'utf8').split('\n');
    expect([first.length, first[0], first[1], first.at(-2)]).toEqual([500_002, 'n', '0', '499999']);
    expect([second.length, second[0], second[2], second.at(-1)]).toEqual([166_669, 'm', '-3', '']);
    expect(heard.length).toBeGreaterThan(2);
    expect(heard.at(-1)).toBe(500_000);
  });

  it('are not there when the making of lines, or who hears of them, fails', async () => {
    const directory = aDirectory();
    await expect(writeCsvFiles(filesIn(directory), lines(9, 5))).rejects.toThrow('no more');
    const stop = (): never => {
      throw new Error('stopped');
    };
    await expect(writeCsvFiles(filesIn(directory), lines(500_000), stop)).rejects.toThrow('stopped');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('fail when one cannot be written, and leave the other out', { timeout: 5_000 }, async () => {
    const directory = aDirectory();
    const [first, second] = filesIn(directory);
    const tooLong = { ...second!, path: join(directory, `${'y'.repeat(300)}.csv`) };
    await expect(writeCsvFiles([first!, tooLong], lines(500_000))).rejects.toThrow('ENAMETOOLONG');
    expect(readdirSync(directory)).toEqual([]);
  });
});
