/** A table put in order of time, slice by slice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/adapters/duckdb/engine.ts';
import { sortRows } from '../../../src/adapters/duckdb/sort-rows.ts';

/** Cells of a table so large that it is sorted in this many slices. */
const sizeOf = (slices: number) => ({ rows: 2 ** 23, columns: slices });

async function sorted(times: readonly (number | null)[], slices: number): Promise<readonly (readonly unknown[])[]> {
  const engine = await openEngine();
  try {
    const { connection } = engine;
    const rows = times.map((time, row) => `(${time ?? 'NULL'}, 'r${row}')`).join(', ');
    await connection.run(`CREATE TABLE given AS SELECT * FROM (VALUES ${rows}) AS t("when", name)`);
    const { table, rowNumber } = await sortRows(connection, 'given', 'when', sizeOf(slices));
    const found = await connection.runAndReadAll(`SELECT "when", name, ${rowNumber}::DOUBLE FROM ${table}`);
    return found.getRows().map(([when, ...rest]) => [when === null ? null : Number(when), ...rest]);
  } finally {
    engine.close();
  }
}

describe('rows in order of time', () => {
  it('are those given, stably sorted, rows without a time first, in any number of slices', async () => {
    const time = fc.option(fc.integer({ min: 0, max: 9 }), { freq: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(time, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 7 }), async (times, slices) => {
        const expected = times
          .map((when, row) => [when, `r${row}`, row] as const)
          .toSorted((a, b) => (a[0] ?? -1) - (b[0] ?? -1));
        expect(await sorted(times, slices)).toEqual(expected);
      }),
      { numRuns: 25 },
    ); // prettier-ignore
  });
});
