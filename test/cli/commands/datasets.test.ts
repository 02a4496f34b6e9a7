import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createOfflineStore } from '../../../src/adapters/duckdb/offline-store.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';
import { aDirectory } from '../../support/directories.ts';
import { handbookCsv, handbookPayments } from '../../support/handbook-files.ts';

interface Golden {
  readonly columns: readonly string[];
  /** [epoch milliseconds, customer, terminal, amount in cents, fraud] */
  readonly payments: readonly (readonly [number, number, number, number, number])[];
  readonly features: readonly (readonly number[])[];
}

const run = async (line: string) => {
  const { exitCode, out, err } = await ran(`${line} --json`, COMMANDS);
  return { exitCode, err, result: JSON.parse(out) as Readonly<Record<string, unknown>> };
};

describe('datasets', () => {
  it('lists every mapping with the origin of its files, their columns and rows', async () => {
    const { result } = await run('datasets');
    expect(result).toMatchObject([
      { name: 'sentinel' },
      { name: 'handbook', expectedRows: 1_754_155 },
      { name: 'ieee-cis', expectedRows: 590_540 },
      { name: 'ulb', expectedRows: 284_807 },
      { name: 'sparkov', expectedRows: 1_852_394 },
      { name: 'paysim', expectedRows: 6_362_620 },
      { name: 'banksim', expectedRows: 594_643 },
      { name: 'demonstration' },
    ]);
    const { out } = await ran('datasets', COMMANDS);
    expect(out).toMatch(/handbook: [\s\S]*from +https[\s\S]*rows +1,754,155[\s\S]*columns +TRANSACTION_ID/);
    expect(out).toContain('V1 to V339, id_01 to id_38, DeviceType');
    expect(out).toContain('user (card1, addr1, day − D1)');
    expect(out).toContain('user (each row its own), merchant (always unknown)');
    expect(out).toMatch(/sparkov[\s\S]*features +sentinel and of attributes city_pop\n/);
    expect(out).toMatch(/paysim[\s\S]*attributes +oldbalanceOrg, oldbalanceDest\n/);
  });

  it('prepare writes Parquet and a manifest once, and says what became of the rows', async () => {
    const directory = aDirectory();
    const file = join(directory, 'payments.csv');
    const csv = handbookCsv(handbookPayments(Date.UTC(2018, 3, 1), Date.UTC(2018, 3, 3), 100));
    writeFileSync(file, csv + csv.trimEnd().split('\n').at(-1)! + '\n');
    const line = `datasets prepare handbook ${file} --data-dir ${directory}/data`;
    const first = await run(line);
    expect(first).toMatchObject({
      exitCode: 0,
      result: { alreadyThere: false, manifest: { cleaning: { rowsRead: 101, rowsKept: 100, dropped: { 'exact-duplicate': 1 } } } },
    }); // prettier-ignore
    expect(readdirSync(first.result['directory'] as string).sort()).toEqual(['manifest.json', 'transactions.parquet']);
    expect((await run(line)).result).toMatchObject({ alreadyThere: true, directory: first.result['directory'] });
    const { out } = await ran(line, COMMANDS);
    expect(out).toContain('100 of 101 rows kept');
    expect(out).toContain('The complete data set has 1754155 rows; these files have 101.');
  });

  it('prepare names an unknown data set, a missing file and a damaged row', async () => {
    const directory = aDirectory();
    const file = join(directory, 'bad.csv');
    writeFileSync(file, handbookCsv(handbookPayments(0, 86_400_000, 3)).replace('2,1970-01-01', '2,someday'));
    const problem = async (line: string) => ((await run(line)).result['error'] as { message: string }).message;
    expect(await problem(`datasets prepare nothing ${file}`)).toContain('known are sentinel, handbook');
    expect(await problem(`datasets prepare handbook ${directory}/none.csv`)).toContain('there is no such file');
    expect(await problem(`datasets prepare handbook ${file} --data-dir ${directory}/data`)).toMatch(
      /bad\.csv, line 4, column TX_DATETIME/,
    );
    expect(readdirSync(join(directory, 'data', 'handbook'))).toEqual([]);
  });
});

describe('features build', () => {
  it('writes the Handbook’s features as pandas computes them, under their published names', async () => {
    const path = join(import.meta.dirname, '../../golden/handbook/features.json');
    const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
    const payments = golden.payments.map(([timeMs, customer, terminal, cents, fraud]) => {
      return { timeMs, customer, terminal, cents, fraud: fraud === 1 };
    });
    const directory = aDirectory();
    writeFileSync(join(directory, 'payments.csv'), handbookCsv(payments));
    const built = await run(`features build --mapping handbook --data ${directory}/payments.csv --out ${directory}`);
    expect(built).toMatchObject({ exitCode: 0, result: { rows: payments.length, catalogue: { name: 'handbook' } } });
    const columns = await createOfflineStore().readColumns(join(directory, 'features.parquet'));
    expect(columns.map(({ name }) => name)).toEqual(['TRANSACTION_ID', ...golden.columns]);
    expect(columns[0]!.values).toEqual(Float64Array.from(payments.keys()));
    golden.columns.forEach((name, index) => {
      const values = columns[index + 1]!.values as Float64Array;
      golden.features.forEach((row, place) => {
        if (name.includes('AVG') || name.includes('RISK')) expect(values[place], name).toBeCloseTo(row[index]!, 8);
        else expect(values[place], name).toBe(row[index]);
      });
    });
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const directory = aDirectory();
    writeFileSync(join(directory, 'payments.csv'), handbookCsv(handbookPayments(0, 86_400_000, 10)));
    const line = `features build --mapping handbook --data ${directory}/payments.csv --out ${directory}/features`;
    const { exitCode } = await ran(line, COMMANDS, {
      signal: AbortSignal.abort(new DOMException('SIGINT', 'AbortError')),
    });
    expect(exitCode).toBe(130);
    expect(readdirSync(join(directory, 'features'))).toEqual([]);
  });
});
