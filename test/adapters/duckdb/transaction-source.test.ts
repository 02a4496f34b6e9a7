/** Files read through a mapping: formats, order, cleaning, and what is said of broken ones. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/adapters/duckdb/engine.ts';
import { createTransactionSource } from '../../../src/adapters/duckdb/transaction-source.ts';
import { HANDBOOK_MAPPING } from '../../../src/datasets/mappings/handbook.ts';
import { type LabelledTransaction } from '../../../src/domain/labelled-transaction.ts';

const directory = mkdtempSync(join(tmpdir(), 'sentinel-source-'));
afterAll(() => rmSync(directory, { recursive: true }));

const HEADER = 'TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,TX_FRAUD_SCENARIO'; // prettier-ignore
const line = (id: number, time: string, rest = '596,3156,57.16,31,0,0,0'): string => `${id},2018-04-01 ${time},${rest}`;

let files = 0;
function file(content: string | Buffer, suffix = '.csv'): string {
  const path = join(directory, `rows-${++files}${suffix}`);
  writeFileSync(path, content);
  return path;
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}

async function read(...paths: string[]) {
  const opened = await createTransactionSource().open(HANDBOOK_MAPPING, paths);
  try {
    const rows: LabelledTransaction[] = [];
    for await (const batch of opened.read()) rows.push(...batch);
    return { rows, ids: rows.map(({ transaction }) => transaction.transactionId), report: opened.report() };
  } finally {
    opened.close();
  }
}

const csv = (...lines: string[]): string => [HEADER, ...lines].join('\n') + '\n';

describe('the transaction source', () => {
  it('reads CSV, plain or gzip whatever its name, with either line end', async () => {
    const text = csv(line(0, '00:00:31'), line(1, '00:02:10'));
    const plain = await read(file(text));
    expect(plain.rows[0]).toEqual({
      transaction: {
        transactionId: '0',
        userId: '596',
        merchantId: '3156',
        amountMinor: 5716,
        currency: 'USD',
        merchantCategory: 'unknown',
        transactionType: 'purchase',
        eventTimeMs: Date.UTC(2018, 3, 1, 0, 0, 31),
      },
      label: { isFraud: false, arrivalMs: Date.UTC(2018, 3, 8, 0, 0, 31) },
    });
    expect((await read(file(gzipSync(text), '.txt'))).rows).toEqual(plain.rows);
    expect((await read(file('\uFEFF' + text.replaceAll('\n', '\r\n')))).rows).toEqual(plain.rows);
  });

  it('heeds the offset of a time', async () => {
    const { rows } = await read(file(csv(line(0, '02:00:00+02:00'))));
    expect(rows[0]?.transaction.eventTimeMs).toBe(Date.UTC(2018, 3, 1));
  });

  it('reads several files as one, sorts them by time and counts the rows moved', async () => {
    const first = file(csv(line(0, '00:00:31'), line(1, '10:00:00'), line(2, '09:00:00')));
    const second = file(csv(line(3, '09:30:00'), line(4, '10:00:00')));
    const { ids, report } = await read(first, second);
    expect(ids).toEqual(['0', '2', '3', '1', '4']);
    expect(report.repaired.unsorted).toBe(2);
  });

  it('keeps the file’s order among equal times and over many chunks', async () => {
    const rows = Array.from({ length: 20_000 }, (_, id) => line(id, `00:00:${String(Math.floor(id / 1000)).padStart(2, '0')}`)); // prettier-ignore
    const { ids } = await read(file(csv(...rows)));
    expect(ids).toEqual(Array.from({ length: 20_000 }, (_, id) => String(id)));
  });

  it('drops duplicates wherever they stand', async () => {
    const repeated = line(0, '00:00:31');
    const { ids, report } = await read(file(csv(repeated, line(1, '00:00:40'), repeated, line(1, '00:00:50'))));
    expect(ids).toEqual(['0', '1']);
    expect(report.dropped).toMatchObject({ 'exact-duplicate': 1, 'id-reused': 1 });
    expect(report).toMatchObject({ rowsRead: 4, rowsKept: 2 });
  });

  it('does without optional columns', async () => {
    const text = 'TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT\n0,2018-04-01 00:00:31,1,2,3.5\n';
    const { rows, report } = await read(file(text));
    expect(rows[0]).not.toHaveProperty('label');
    expect(report.unlabelled).toBe(1);
  });

  it.each([
    ['TX_AMOUNT', 'twelve', 'a number such as 1250.00', line(1, '00:00:02', '1,2,twelve,2,0,0,0')],
    ['TX_AMOUNT', '27,45', 'a number such as 1250.00', line(1, '00:00:02', '1,2,"27,45",2,0,0,0')],
    ['TX_DATETIME', '2018-04-01 25:00:00', 'a time such as 2026-01-31T12:00:00Z', line(1, '25:00:00')],
    ['TX_FRAUD', '2', '1 or 0', line(1, '00:00:02', '1,2,3.00,2,0,2,0')],
    ['TX_FRAUD', '1.5', '1 or 0', line(1, '00:00:02', '1,2,3.00,2,0,1.5,0')],
  ])('names the place of a cell of %s that is %s, and what was expected', async (column, value, expected, broken) => {
    const first = file(csv(line(0, '00:00:01')));
    const path = file(csv(line(7, '00:00:01'), broken, line(8, '00:00:03')));
    await expect(read(first, path)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      details: { file: path, line: 3, column, value, problem: `does not parse as ${expected}` },
    });
  });

  it('names a text that holds what stands between texts', async () => {
    const path = file(csv(line(0, '00:00:31', '5\u001f96,3156,57.16,31,0,0,0')));
    const problem = 'holds the control character U+001F: take it out';
    await expect(read(path)).rejects.toMatchObject({ details: { line: 2, column: 'CUSTOMER_ID', problem } });
  });

  it('takes 1.0 and 0.0 for a label, in CSV and in Parquet', async () => {
    const path = file(csv(line(0, '00:00:31', '1,2,3,0,0,1.0,0'), line(1, '00:00:32', '1,2,3,0,0,0.0,0')));
    const parquet = join(directory, 'doubles.parquet');
    const engine = await openEngine();
    await engine.connection.run(
      `COPY (SELECT * REPLACE (TX_FRAUD::DOUBLE AS TX_FRAUD) FROM '${path}') TO '${parquet}'`,
    );
    engine.close();
    for (const source of [path, parquet]) {
      expect((await read(source)).rows.map(({ label }) => label?.isFraud)).toEqual([true, false]);
    }
  });

  it('takes a number of single precision in Parquet for the decimal it is written as', async () => {
    const path = file(csv(line(0, '00:00:31', '1,2,27.45,0,0,0,0'), line(1, '00:00:32', '1,2,8388607.5,0,0,0,0')));
    const parquet = join(directory, 'singles.parquet');
    const engine = await openEngine();
    await engine.connection.run(
      `COPY (SELECT * REPLACE (TX_AMOUNT::FLOAT AS TX_AMOUNT) FROM '${path}') TO '${parquet}'`,
    );
    engine.close();
    const { rows, report } = await read(parquet);
    expect(rows.map(({ transaction }) => transaction.amountMinor)).toEqual([2_745, 838_860_750]);
    expect(report.repaired['amount-rounded']).toBe(0); // of 27.450000762939453
  });

  it('names the line that has too few or too many cells', async () => {
    const tooMany = 'more cells than the 9 of the header; a value with a comma in it needs quotes';
    for (const [broken, problem] of [
      ['5,2018-04-01 00:00:02,1', '3 cells where the header has 9'],
      [line(5, '00:00:02') + ',x,y', tooMany],
      [line(5, '00:00:02', '596,3156,57,16,31,0,0,0'), tooMany],
    ] as const) {
      const path = file(csv(line(0, '00:00:01'), broken, line(6, '00:00:03')));
      await expect(read(path)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        details: { file: path, line: 3, problem },
      });
    }
  });

  it('says of other encodings than UTF-8 what to do', async () => {
    const text = csv(line(0, '00:00:01'), line(1, '00:00:02', 'café,2,3.00,2,0,1,0'));
    for (const [encoding, at] of [['latin1', 3], ['utf16le', 1]] as const) {
      const path = file(Buffer.from(`${encoding === 'latin1' ? '' : '\uFEFF'}${text}`, encoding));
      const problem = 'is not UTF-8: save the file in that encoding';
      await expect(read(path), encoding).rejects.toMatchObject({ code: 'DATA_INVALID', details: { line: at, problem } });
    }
  }); // prettier-ignore

  it('says that a file is empty', async () => {
    for (const path of [file(''), file('', '.parquet'), file(gzipSync(''), '.csv.gz')]) {
      await expect(read(path)).rejects.toMatchObject({
        code: 'DATA_UNREADABLE',
        details: { file: path, problem: 'it is empty' },
      });
    }
  });

  it('names the line of a quote that is not closed, and says so', async () => {
    const open = line(5, '00:00:02').replace('2018', '"2018');
    for (const rest of [[line(6, '00:00:03')], [], ['Possible fixes:', line(7, '00:00:03')]]) {
      const path = file(csv(line(0, '00:00:01'), open, ...rest));
      await expect(read(path)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        details: { file: path, line: 3, problem: 'Value with unterminated quote found.', value: open },
      });
    }
  });

  it('counts the cells of a row that spans lines', async () => {
    const path = file(csv(line(0, '00:00:01'), `5,"2018-04-01\nExpected Number of Columns: 7 Found: 7",1`));
    await expect(read(path)).rejects.toMatchObject({ details: { line: 3, problem: '3 cells where the header has 9' } });
  });

  it.each([
    ['an LF header over CRLF rows', `${HEADER}\n${line(0, '00:00:31')}\r\n${line(1, '00:02:10')}\r\n`],
    ['LF rows, then CRLF', `${csv(line(0, '00:00:31'))}${line(1, '00:02:10')}\r\n`],
    ['an LF in a cell of CRLF rows', csv(line(0, '00:00:31', '"5\n96",3156,57.16,31,0,0,0')).replaceAll(/\n(?!96)/g, '\r\n')],
    ['a CRLF in a cell of LF rows', csv(line(0, '00:00:31', '"5\r\n96",3156,57.16,31,0,0,0'))],
  ])('says of %s that line endings are mixed', async (_, content) => {
    const path = file(content);
    await expect(read(path)).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message: `${path}: mixed line endings, or a line break in a quoted cell unlike those of the rows: make all of them LF`,
    });
  }); // prettier-ignore

  it.each(['TX_AMOUNT', 'tx_amount'])('names the column when the header has %s a second time', async (name) => {
    const path = file(`${HEADER},${name}\n${line(0, '00:00:01')},1\n`);
    await expect(read(path)).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      details: { file: path, problem: `the header has two columns of one name: TX_AMOUNT, ${name}` },
    });
  });

  it('refuses a gzip file that ends too early, wherever it was cut', async () => {
    const whole = gzipSync(csv(...Array.from({ length: 20_000 }, (_, id) => line(id, '00:00:01'))));
    const cuts = [...Array.from({ length: 10 }, (_, i) => whole.length - 1 - i), ...[0.001, 0.3, 0.6, 0.9].map((share) => Math.floor(whole.length * share))]; // prettier-ignore
    for (const cut of cuts) {
      const path = file(whole.subarray(0, cut), '.csv.gz');
      await expect(read(path), String(cut)).rejects.toMatchObject({
        code: 'DATA_UNREADABLE',
        details: { file: path, problem: 'the gzip stream ends too early: download or copy it again' },
      });
    }
  });

  it('refuses a gzip file with damaged bytes, and reads one of several members', async () => {
    const text = csv(...Array.from({ length: 5_000 }, (_, id) => line(id, '00:00:01')));
    const damaged = gzipSync(text);
    damaged[damaged.length - 6]! ^= 1; // its checksum
    await expect(read(file(damaged, '.csv.gz'))).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      details: { problem: 'the gzip stream is damaged: download or copy it again' },
    });
    const members = Buffer.concat([text.slice(0, 90_000), text.slice(90_000)].map((part) => gzipSync(part)));
    expect((await read(file(members, '.csv.gz'))).ids).toHaveLength(5_000);
  });

  it('reads the file that is named and no other, whatever characters its path has', async () => {
    const names = [
      'a[1].csv',
      'a1.csv',
      'a*b.csv',
      'acb.csv',
      'g?/x.csv',
      'ga/x.csv',
      '**/x.csv',
      'CUSTOMER_ID=zzz/x.csv',
    ];
    for (const [id, name] of names.entries()) {
      const path = join(directory, 'named', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, csv(line(id, '00:00:31')));
    }
    for (const [id, name] of names.entries()) {
      const { ids, rows } = await read(join(directory, 'named', name));
      expect({ name, ids, userId: rows[0]?.transaction.userId }).toEqual({ name, ids: [String(id)], userId: '596' });
    }
  });

  it('says when other characters than commas separate the values', async () => {
    const path = file('TRANSACTION_ID;TX_DATETIME\n1;2018-04-01 00:00:00\n');
    await expect(read(path)).rejects.toThrow(
      /the file has one column, "TRANSACTION_ID;TX_DATETIME": separate the values by commas instead of ";"/,
    );
    const tabs = file('TRANSACTION_ID\tTX_DATETIME\n1\t2018-04-01 00:00:00\n');
    await expect(read(tabs)).rejects.toThrow(/by commas instead of "\\t"/);
  });

  it('says which column the file lacks and which it has', async () => {
    const path = file('TRANSACTION_ID,AMOUNT\n1,2\n');
    await expect(read(path)).rejects.toThrow(/needs the columns TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT \(rename yours, or choose another mapping\); the file has TRANSACTION_ID, AMOUNT/); // prettier-ignore
  });

  it('refuses what is not there or no data', async () => {
    await expect(read(join(directory, 'absent.csv'))).rejects.toMatchObject({ code: 'DATA_UNREADABLE' });
    await expect(read(file(Buffer.from('PAR1 but not really')))).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      details: { problem: 'the Parquet file ends too early: download or copy it again' },
    });
    await expect(read(file(gzipSync(csv(line(0, '00:00:01'))).subarray(0, 60)))).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
    });
  });
});

describe('preparing', () => {
  const source = createTransactionSource();

  it('writes the clean rows in order once, with a manifest that fits them', async () => {
    const path = file(csv(line(1, '10:00:00'), line(0, '09:00:00'), line(0, '09:00:00'), line(2, '11:00:00', '1,2,-3,0,0,0,0'))); // prettier-ignore
    const prepared = await source.prepare(HANDBOOK_MAPPING, [path], join(directory, 'data'));
    expect(prepared.directory).toBe(join(directory, 'data', 'handbook', prepared.manifest.hash));
    expect(prepared.manifest).toMatchObject({
      name: 'handbook',
      sources: [{ bytes: readFileSync(path).length }],
      files: [{ name: 'transactions.parquet', rows: 2 }],
      firstEventMs: Date.UTC(2018, 3, 1, 9),
      lastEventMs: Date.UTC(2018, 3, 1, 10),
      cleaning: { rowsRead: 4, rowsKept: 2 },
    });
    const parquet = join(prepared.directory, 'transactions.parquet');
    const { ids, report } = await read(parquet);
    expect(ids).toEqual(['0', '1']);
    expect(report).toMatchObject({ rowsRead: 2, rowsKept: 2, repaired: { unsorted: 0 } });

    const again = await source.prepare(HANDBOOK_MAPPING, [path], join(directory, 'data'));
    expect(again).toEqual({ ...prepared, alreadyThere: true });
  });

  it.each<[string, (prepared: string) => void]>([
    ['data is empty', (prepared) => writeFileSync(join(prepared, 'transactions.parquet'), '')],
    ['data is gone', (prepared) => rmSync(join(prepared, 'transactions.parquet'))],
    ['data has other bytes', (prepared) => flipByte(join(prepared, 'transactions.parquet'))],
    ['manifest is gone', (prepared) => rmSync(join(prepared, 'manifest.json'))],
    ['manifest is damaged', (prepared) => writeFileSync(join(prepared, 'manifest.json'), '{"name": "hand')],
  ])('makes it again when its %s', async (_, damage) => {
    const dataDir = mkdtempSync(join(directory, 'damaged-'));
    const path = file(csv(line(0, '00:00:01')));
    const prepared = await source.prepare(HANDBOOK_MAPPING, [path], dataDir);
    damage(prepared.directory);
    expect(await source.prepare(HANDBOOK_MAPPING, [path], dataDir)).toEqual(prepared);
    expect(readdirSync(prepared.directory)).toEqual(['manifest.json', 'transactions.parquet']);
    expect((await read(join(prepared.directory, 'transactions.parquet'))).ids).toEqual(['0']);
  });

  it('of the same files twice at once ends in one of them', async () => {
    const dataDir = mkdtempSync(join(directory, 'twice-'));
    const path = file(csv(...Array.from({ length: 3_000 }, (_, id) => line(id, '00:00:01'))));
    const both = await Promise.all([1, 2].map(() => source.prepare(HANDBOOK_MAPPING, [path], dataDir)));
    expect(both[0]!.manifest).toEqual(both[1]!.manifest);
    expect(both.map(({ alreadyThere }) => alreadyThere).toSorted()).toEqual([false, true]);
    expect(readdirSync(join(dataDir, 'handbook'))).toEqual([both[0]!.manifest.hash]);
  });

  it('removes nothing that others have put in its place', async () => {
    const dataDir = mkdtempSync(join(directory, 'other-'));
    const path = file(csv(line(0, '00:00:01')));
    const prepared = await source.prepare(HANDBOOK_MAPPING, [path], dataDir);
    rmSync(join(prepared.directory, 'manifest.json'));
    writeFileSync(join(prepared.directory, 'notes.txt'), 'mine');
    await expect(source.prepare(HANDBOOK_MAPPING, [path], dataDir)).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      details: { file: prepared.directory, problem: 'other files are in the way: move them' },
    });
    expect(readdirSync(prepared.directory)).toEqual(['notes.txt']);
  });

  it('gives other content another hash', async () => {
    const hashes = [];
    for (const time of ['00:00:01', '00:00:02']) {
      const path = file(csv(line(0, time)));
      hashes.push((await source.prepare(HANDBOOK_MAPPING, [path], join(directory, 'data'))).manifest.hash);
    }
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('leaves nothing behind when the data is refused', async () => {
    const dataDir = join(directory, 'refused');
    const path = file(csv(line(0, '00:00:01', '1,2,x,0,0,0,0')));
    await expect(source.prepare(HANDBOOK_MAPPING, [path], dataDir)).rejects.toMatchObject({ code: 'DATA_INVALID' });
    const empty = file(csv(line(0, '00:00:01', '1,2,-1,0,0,0,0')));
    await expect(source.prepare(HANDBOOK_MAPPING, [empty], dataDir)).rejects.toThrow(/no usable row/);
    expect(readdirSync(join(dataDir, 'handbook'))).toEqual([]);
  });
});
