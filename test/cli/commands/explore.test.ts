/** sentinel explore: what it counts, and the page it writes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { type ExplorationReport, type ExploredColumn, separation } from '../../../src/training/exploration/report.ts';
import { ran } from '../../support/command-lines.ts';
import { DATASET_FILES } from '../../support/dataset-files.ts';
import { aDirectory } from '../../support/directories.ts';

async function explored(name: string, files: Readonly<Record<string, string>>) {
  const directory = aDirectory();
  const paths = Object.entries(files).map(([file, text]) => {
    writeFileSync(join(directory, file), text);
    return join(directory, file);
  });
  const out = join(directory, 'page.html');
  const line = `explore ${paths.join(' ')} --mapping ${name} --out ${out}`;
  const { exitCode, out: printed } = await ran(`${line} --json`, COMMANDS);
  const page = existsSync(out) ? readFileSync(out, 'utf8') : '';
  return { exitCode, report: JSON.parse(printed) as ExplorationReport, page, line, out };
}

const columnIn = (report: ExplorationReport, name: string): ExploredColumn =>
  report.columns.find((column) => column.name === name)!;

const SMALL = `transaction_id,timestamp,user_id,merchant_id,merchant_category,transaction_type,amount,currency,card_type,is_fraud,campaign
t1,2026-01-01T00:10:00Z,u1,m1,grocery,purchase,10.00,USD,visa,false,
t2,2026-01-01T00:20:00Z,u1,m1,grocery,purchase,20.00,USD,,false,
t3,2026-01-01T01:10:00Z,u2,m1,travel,purchase,20.00,USD,visa,true,bust_out
t4,2026-01-01T03:10:00Z,u2,m1,travel,purchase,30.00,USD,,,
`;

describe('the page', () => {
  it('is never written over a file that is read', async () => {
    const path = join(aDirectory(), 'small.csv');
    writeFileSync(path, SMALL);
    const { exitCode, err } = await ran(`explore ${path} --out ${path}`, COMMANDS);
    expect(exitCode).toBe(2);
    expect(err).toContain('is the file that is read');
    expect(readFileSync(path, 'utf8')).toBe(SMALL);
  });
});

describe('card numbers in a file', () => {
  const cards = ['4111111111111111', '5500 0000 0000 0004'];
  const withCards = SMALL.replaceAll('visa', cards[0]!).replaceAll('grocery', cards[1]!);

  it('are masked in the page and in what is printed, each value counted for itself', async () => {
    const { report, page } = await explored('sentinel', { 'cards.csv': withCards });
    expect(columnIn(report, 'card_type').values).toEqual([{ value: '411111******1111', frauds: 1, others: 1 }]);
    expect(columnIn(report, 'merchant_category').values![0]!.value).toBe('550000******0004');
    for (const card of cards) expect(page + JSON.stringify(report)).not.toContain(card);
  });

  it('are masked in what is said of a line that is broken, also of one that is quoted in part', async () => {
    const broken = withCards.replace(/^t4.*$/m, (line) => `${'x'.repeat(66)} ${cards[0]},"${line}`);
    const path = join(aDirectory(), 'broken.csv');
    writeFileSync(path, broken);
    const { err } = await ran(`explore ${path} --out ${path}.html`, COMMANDS, { environment: { LOG_LEVEL: 'debug' } });
    expect(err).toContain('line 5');
    expect(err).not.toMatch(/4111111/);
  });
});

describe('what is counted', () => {
  it('is exact: gaps, ranges, values, bins and periods by label', async () => {
    const { report } = await explored('sentinel', { 'small.csv': SMALL });
    expect(report).toMatchObject({ rows: 4, frauds: 1, unlabelled: 1 });
    expect(columnIn(report, 'card_type')).toMatchObject({ type: 'text', missing: { frauds: 0, others: 2 }, values: [{ value: 'visa', frauds: 1, others: 1 }] }); // prettier-ignore
    expect(columnIn(report, 'merchant_category').values).toEqual([
      { value: 'grocery', frauds: 0, others: 2 },
      { value: 'travel', frauds: 1, others: 1 },
    ]);
    const { numbers } = columnIn(report, 'amount');
    expect(numbers).toMatchObject({ minimum: 10, maximum: 30, mean: 20, median: 20 });
    expect(numbers!.deviation).toBeCloseTo(Math.sqrt(50), 12);
    const bins = numbers!.histogram!.bins.flatMap((bin, i) => (bin.frauds + bin.others > 0 ? [[numbers!.histogram!.edges[i]! + 0.5, bin]] : [])); // prettier-ignore
    expect(bins).toEqual([[10, { frauds: 0, others: 1 }], [20, { frauds: 1, others: 1 }], [30, { frauds: 0, others: 1 }]]); // prettier-ignore
    const perHour = report.time.periods.length;
    expect(report.time.stepMs * perHour).toBeGreaterThanOrEqual(3 * 3_600_000);
    const total = report.time.periods.reduce((sum, { frauds, others }) => sum + 10 * frauds + others, 0);
    expect(total).toBe(13);
    expect(report.columns.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['is_fraud']));
    expect(columnIn(report, 'campaign')).toBeUndefined();
    expect(columnIn(report, 'transaction_id').values).toBeUndefined(); // an id: its values say nothing
  });

  it('takes what is no finite number or time as missing, as training does', async () => {
    const rows = ['nan', 'inf', '-Infinity'].map((cell, i) => `x${i},infinity,u1,m1,travel,purchase,${cell},USD,,,\n`);
    const { report, exitCode } = await explored('sentinel', { 'small.csv': SMALL + rows.join('') });
    expect(exitCode).toBe(0);
    expect(columnIn(report, 'amount')).toMatchObject({ missing: { frauds: 0, others: 3 }, numbers: { minimum: 10, maximum: 30, mean: 20 } }); // prettier-ignore
    expect(columnIn(report, 'timestamp')).toMatchObject({ missing: { frauds: 0, others: 3 } });
    expect(report.time).toEqual((await explored('sentinel', { 'small.csv': SMALL })).report.time);
  });

  it('takes a time counted from an origin as missing when it is no finite number', async () => {
    const text = DATASET_FILES['ulb']!().files['creditcard.csv']!;
    const lines = text.split('\n').slice(0, 50);
    const other = [...lines, ...['nan', 'inf'].map((time) => lines[1]!.replace(/^\d+/, time))].join('\n');
    const { report } = await explored('ulb', { 'a.csv': other });
    expect(report.time).toEqual((await explored('ulb', { 'a.csv': lines.join('\n') })).report.time);
  });

  it('tells by separation how differently frauds fall', async () => {
    const { report } = await explored('sentinel', { 'small.csv': SMALL });
    // The fraud is in travel, of the others a third: two thirds would have to move.
    expect(separation(columnIn(report, 'merchant_category'))).toBeCloseTo(2 / 3, 12);
    expect(separation(columnIn(report, 'currency'))).toBe(0);
  });

  it('holds two files merged, as a data set of two files is', async () => {
    const { files, rows } = DATASET_FILES['ieee-cis']!();
    const { report } = await explored('ieee-cis', files);
    expect(report).toMatchObject({ rows, frauds: rows / 10 });
    expect(columnIn(report, 'DeviceType').missing).toMatchObject({ others: rows - 150 - 30 });
    const { names, values } = report.correlations;
    expect(names).toEqual(expect.arrayContaining(['TransactionAmt', 'V2', 'V3']));
    expect(values[names.indexOf('V2')]![names.indexOf('V3')]).toBeCloseTo(1, 12);
    values.forEach((line, i) => line.forEach((value, j) => expect(value).toBe(values[j]![i])));
  });

  it('adds up to all rows in every column, whatever the data set', { timeout: 30_000 }, async () => {
    for (const name of ['ulb', 'sparkov', 'paysim', 'banksim']) {
      const { files, rows } = DATASET_FILES[name]!();
      const { report } = await explored(name, files);
      for (const { missing, numbers, values, name: column } of report.columns) {
        const bins = numbers?.histogram?.bins ?? values;
        if (bins === undefined) continue;
        const sum = [...bins, missing].reduce((total, { frauds, others }) => total + frauds + others, 0);
        expect(sum, `${name} ${column}`).toBe(rows);
      }
    }
  });
});

describe('the page', () => {
  it('needs nothing else, is well-formed and names what it draws', async () => {
    const { page } = await explored('ulb', DATASET_FILES['ulb']!().files);
    expect(/<script|<link|<iframe|<img|https?:|@import|url\(/i.exec(page)?.[0]).toBeUndefined();
    expect(page).toContain('prefers-color-scheme: dark');
    const open: string[] = [];
    for (const [, slash, tag, selfClosed] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (selfClosed === '/' || tag === 'meta') continue;
      if (slash === '/') expect(open.pop()).toBe(tag);
      else open.push(tag!);
    }
    expect(open).toEqual([]);
    const drawings = page.match(/<svg /g)!.length;
    expect(page.match(/<svg [^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(drawings);
    expect(/NaN|Infinity|undefined|null/.exec(page)?.[0]).toBeUndefined();
    for (const text of ['Fraud rate over time', 'Correlations', 'All columns', 'creditcard.csv']) {
      expect(page.includes(text), text).toBe(true);
    }
  });

  it('makes what the data say harmless', async () => {
    const { page } = await explored('sentinel', { 'a.csv': SMALL.replaceAll('grocery', '<script>alert(1)</script>') });
    expect(page.includes('<script')).toBe(false);
    expect(page.includes('&lt;script&gt;alert(1)')).toBe(true);
  });

  it('is drawn of data without frauds, without labels and of one payment', async () => {
    const [header, first] = SMALL.split('\n');
    const without = SMALL.replaceAll(/,(true|false)?,(bust_out)?$/gm, '').replace(',is_fraud,campaign', '');
    for (const text of [`${header}\n${first}\n`, without]) {
      const { page, exitCode } = await explored('sentinel', { 'a.csv': text });
      expect(exitCode).toBe(0);
      expect(/NaN|Infinity|undefined|null/.exec(page)?.[0]).toBeUndefined();
    }
  });

  it('is not written of a file that cannot be read', async () => {
    const { exitCode, out } = await explored('sentinel', { 'a.csv': SMALL.replace('10.00', 'ten') });
    expect(exitCode).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

it('says on the terminal where frauds differ most', async () => {
  const { line } = await explored('sentinel', { 'small.csv': SMALL });
  const { out } = await ran(line, COMMANDS);
  expect(out).toMatch(/4 payments, 1 frauds, 1 without a label, [\s\S]*Frauds differ most in\n/);
});

it('names no differences on the terminal where all payments are of one class', async () => {
  const [header] = SMALL.split('\n');
  for (const text of [`${header}\n`, SMALL.replace('true', 'false'), SMALL.replaceAll(/false|,,$/gm, (cell) => (cell === 'false' ? 'true' : ',true,'))]) {
    const { line } = await explored('sentinel', { 'small.csv': text });
    const { out } = await ran(line, COMMANDS);
    expect(out).toMatch(/\d payments, \d frauds/);
    expect(out).not.toMatch(/NaN|Frauds differ/);
  }
}); // prettier-ignore
