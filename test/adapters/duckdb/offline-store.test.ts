/** Columns and features on disk. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/adapters/duckdb/engine.ts';
import { createOfflineStore } from '../../../src/adapters/duckdb/offline-store.ts';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time.ts';
import { type FeatureTable } from '../../../src/ports/offline-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'sentinel-offline-'));
afterAll(() => rmSync(directory, { recursive: true }));
const store = createOfflineStore();
const START_MS = Date.UTC(2026, 0, 1);

function features(hours: readonly number[], value: (hour: number) => number): FeatureTable {
  return {
    catalogueHash: 'abc',
    transactionIds: hours.map((hour) => `t${hour}`),
    eventTimesMs: Float64Array.from(hours, (hour) => START_MS + hour * HOUR_MS),
    features: [
      { name: 'amount', values: Float64Array.from(hours, value) },
      { name: 'risk', values: Float64Array.from(hours, (hour) => (hour % 2 === 0 ? NaN : 0.1)) },
    ],
  };
}

describe('columns', () => {
  it('come back as they were written, over many chunks', async () => {
    const path = join(directory, 'deep', 'columns.parquet');
    const rows = 10_000;
    const written = [
      { name: 'id', values: Array.from({ length: rows }, (_, row) => `t${row}`) },
      {
        name: 'a "quoted" name',
        values: Float64Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? NaN : row / 3)),
      },
    ];
    const bytes = await store.writeColumns(path, written, { catalogue: "it's" });
    expect(bytes).toBeGreaterThan(rows);
    expect(await store.readColumns(path)).toEqual(written);
    expect(await store.readColumns(path, ['id'])).toEqual([written[0]]);
  });

  it('come from the file that is named and no other, whatever characters its path has', async () => {
    const column = (value: number) => [{ name: 'a', values: Float64Array.of(value) }];
    const names = ['p[1].parquet', 'p1.parquet', 'p*.parquet', 'a=7/p.parquet'];
    for (const [value, name] of names.entries())
      await store.writeColumns(join(directory, 'named', name), column(value));
    for (const [value, name] of names.entries()) {
      expect(await store.readColumns(join(directory, 'named', name))).toEqual(column(value));
    }
  });

  it('are written below a directory named ~, which is not the home directory', async () => {
    const before = process.cwd();
    process.chdir(directory);
    try {
      const columns = [{ name: 'a', values: Float64Array.of(1) }];
      await store.writeColumns('~/sentinel-columns.parquet', columns);
      expect(await store.readColumns('~/sentinel-columns.parquet')).toEqual(columns);
    } finally {
      process.chdir(before);
    }
    expect(readdirSync(join(directory, '~'))).toEqual(['sentinel-columns.parquet']);
  });

  it('are typed, say NULL for NaN and carry their metadata, for any other program', async () => {
    const path = join(directory, 'typed.parquet');
    await store.writeColumns(
      path,
      [
        { name: 'id', values: BigInt64Array.of(2n ** 60n, -1n) },
        { name: 'label', values: Uint8Array.of(0, 1) },
        { name: 'x', values: Float64Array.of(NaN, -0.1) },
      ],
      { catalogue: 'abc' },
    );
    const engine = await openEngine();
    const rows = await engine.connection.runAndReadAll(`SELECT id::VARCHAR, label, x, typeof(label) FROM '${path}'`);
    const pairs = await engine.connection.runAndReadAll(
      `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path}')`,
    );
    expect(rows.getRows()).toEqual([
      [String(2n ** 60n), 0, null, 'UTINYINT'],
      ['-1', 1, -0.1, 'UTINYINT'],
    ]);
    expect(pairs.getRows()).toEqual([['catalogue', 'abc']]);
    engine.close();
  });

  it('of unequal length are refused and leave no file', async () => {
    const uneven = [
      { name: 'a', values: Float64Array.of(1, 2) },
      { name: 'b', values: Float64Array.of(1) },
    ];
    await expect(store.writeColumns(join(directory, 'uneven', 'x.parquet'), uneven)).rejects.toThrow(/column b: 1 rows, not 2/); // prettier-ignore
    expect(readdirSync(join(directory, 'uneven'))).toEqual([]);
  });

  it('that a file lacks are named', async () => {
    const path = join(directory, 'few.parquet');
    await store.writeColumns(path, [{ name: 'a', values: Float64Array.of(1) }]);
    await expect(store.readColumns(path, ['b'])).rejects.toThrow(/no column b/);
    await expect(store.readColumns(join(directory, 'none.parquet'))).rejects.toMatchObject({ code: 'DATA_UNREADABLE' });
  });
});

describe('features', () => {
  const root = join(directory, 'features');
  const all = { fromMs: START_MS, toMs: START_MS + 10 * DAY_MS };

  it('are partitioned by day and come back by time', async () => {
    const table = features([0, 1, 23, 24, 25, 60, 60], (hour) => hour + 0.25);
    await store.writeFeatures(root, table);
    expect(readdirSync(join(root, 'abc'))).toEqual(['day=2026-01-01', 'day=2026-01-02', 'day=2026-01-03']);
    expect(await store.readFeatures(root, 'abc', all, ['amount', 'risk'])).toEqual(table);
  });

  it('are read from a time on and before another', async () => {
    const range = { fromMs: START_MS + HOUR_MS, toMs: START_MS + 25 * HOUR_MS };
    const found = await store.readFeatures(root, 'abc', range, ['amount']);
    expect(found.transactionIds).toEqual(['t1', 't23', 't24']);
    expect(found.features).toEqual([{ name: 'amount', values: Float64Array.of(1.25, 23.25, 24.25) }]);
  });

  it('replace whole days and leave the others', async () => {
    await store.writeFeatures(
      root,
      features([30], () => 7),
    );
    const found = await store.readFeatures(root, 'abc', all, ['amount']);
    expect(found.transactionIds).toEqual(['t0', 't1', 't23', 't30', 't60', 't60']);
  });

  it('of another catalogue are not mixed in', async () => {
    expect((await store.readFeatures(root, 'other', all, ['amount'])).transactionIds).toEqual([]);
  });

  it('come back from a directory with any name', async () => {
    const table = features([0, 30], (hour) => hour);
    for (const name of ['f[1]', 'f1', 'f*', 'amount=7']) {
      await store.writeFeatures(join(directory, 'named', name), table);
      expect(await store.readFeatures(join(directory, 'named', name), 'abc', all, ['amount', 'risk'])).toEqual(table);
    }
  });

  it('must come in order of time', async () => {
    await expect(
      store.writeFeatures(
        root,
        features([2, 1], () => 0),
      ),
    ).rejects.toThrow(/event times fall at row 1/);
  });
});
