import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEngine, scalar } from '../../../src/adapters/duckdb/engine.ts';
import { createOfflineStore } from '../../../src/adapters/duckdb/offline-store.ts';
import { fileToRead } from '../../../src/adapters/duckdb/read-sql.ts';
import { type NamedColumn } from '../../../src/ports/offline-store.ts';
import { aDirectory } from '../../support/directories.ts';
import { undoAsAtExit } from '../../support/exits.ts';

const { writeBatches, readColumns } = createOfflineStore();

/** One batch for each list of ids, with a number that is missing in the first row of each. */
async function* batchesOf(...lists: readonly (readonly string[])[]): AsyncGenerator<readonly NamedColumn[]> {
  for (const ids of lists) {
    const values = Float64Array.from(ids, (_, row) => (row === 0 ? NaN : row / 3));
    yield await Promise.resolve([
      { name: 'id', values: ids },
      { name: 'x', values },
    ]);
  }
}

describe('writing batches', () => {
  it('keeps rows in order, exact numbers and missing values across batches of any size', async () => {
    const path = join(aDirectory(), 'rows.parquet');
    const large = Array.from({ length: 5_000 }, (_, index) => `row ${index}`);
    expect(await writeBatches(path, batchesOf(large, ['a'], ['b', 'c']))).toBe(5_003);
    const [ids, numbers] = await readColumns(path);
    expect(ids!.values).toEqual([...large, 'a', 'b', 'c']);
    expect([...(numbers!.values as Float64Array)].slice(-4)).toEqual([4_999 / 3, NaN, NaN, 1 / 3]);
  });

  it.each([
    ['all are written like integers', ['9007199254740993', '-4'], true],
    ['one has a leading zero', ['10', '007'], false],
    ['one is a word', ['10', 'ten'], false],
    ['one is beyond 64 bits', ['10', '99999999999999999999'], false],
  ])('stores ids as integers only when %s', async (_, ids, areIntegers) => {
    const path = join(aDirectory(), 'ids.parquet');
    await writeBatches(path, batchesOf(ids), { integers: ['id'] });
    const [column] = await readColumns(path, ['id']);
    expect(column!.values instanceof Float64Array).toBe(areIntegers);
    if (!areIntegers) expect(column!.values).toEqual(ids);
  });

  describe('of many columns, which do not fit into memory at once', () => {
    const [columns, rows] = [600, 5_000];
    /** Batches of which three are more than a part. */
    async function* wideBatches(batches: number, fail = false): AsyncGenerator<readonly NamedColumn[]> {
      for (let batch = 0; batch < batches; batch++) {
        const first = batch * rows;
        const ids = Array.from({ length: rows }, (_, row) => String(first + row));
        const values = Float64Array.from(ids, (id, row) => (row === 0 ? NaN : Number(id)));
        yield await Promise.resolve([
          { name: 'id', values: ids },
          ...Array.from({ length: columns }, (_, column) => ({ name: `x${column}`, values })),
        ]);
      }
      if (fail) throw new Error('no more');
    }

    it('keeps their order, and writes groups of rows that are small enough to hold', async () => {
      const directory = join(aDirectory(), 'x0=7 [1]');
      const path = join(directory, 'wide.parquet');
      expect(await writeBatches(path, wideBatches(4), { integers: ['id'] })).toBe(4 * rows);
      expect(readdirSync(directory)).toEqual(['wide.parquet']);
      const [ids, last] = await readColumns(path, ['id', `x${columns - 1}`]);
      const expected = Float64Array.from({ length: 4 * rows }, (_, row) => row);
      expect(ids!.values).toEqual(expected);
      expect(last!.values).toEqual(expected.map((row) => (row % rows === 0 ? NaN : row)));
      const engine = await openEngine();
      const groups = `SELECT max(row_group_num_rows) FROM parquet_metadata(${fileToRead(path)})`;
      expect((await scalar(engine.connection, groups)) * columns * 8).toBeLessThanOrEqual(64 * 1024 * 1024);
      engine.close();
    });

    it('leaves nothing of its parts when the rows fail', async () => {
      const directory = aDirectory();
      await expect(writeBatches(join(directory, 'a.parquet'), wideBatches(4, true))).rejects.toThrow('no more');
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  it('leaves nothing when there is no row, or when the rows fail', async () => {
    const directory = aDirectory();
    async function* failing(): AsyncGenerator<readonly NamedColumn[]> {
      yield* batchesOf(['a']);
      throw new Error('no more');
    }
    await expect(writeBatches(join(directory, 'a.parquet'), failing())).rejects.toThrow('no more');
    await expect(writeBatches(join(directory, 'b.parquet'), batchesOf())).rejects.toThrow('there is no row to write');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves neither a draft nor its parts when the process ends without waiting', async () => {
    const directory = aDirectory();
    const values = new Float64Array(9 * 2 ** 20); // more than a part
    async function* batches(): AsyncGenerator<readonly NamedColumn[]> {
      yield await Promise.resolve([{ name: 'x', values }]);
      yield [{ name: 'x', values: values.subarray(0, 1) }];
      expect(readdirSync(directory)).toEqual([expect.stringMatching(/\.parts$/)]);
      undoAsAtExit();
      expect(readdirSync(directory)).toEqual([]);
      throw new Error('ended');
    }
    await expect(writeBatches(join(directory, 'rows.parquet'), batches())).rejects.toThrow('ended');
  });
});
