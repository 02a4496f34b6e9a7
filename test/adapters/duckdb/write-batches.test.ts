import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createOfflineStore } from '../../../src/adapters/duckdb/offline-store.ts';
import { type NamedColumn } from '../../../src/ports/offline-store.ts';
import { aDirectory } from '../../support/directories.ts';

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
});
