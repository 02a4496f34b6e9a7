/** Column batches for tests, from rows of cells. */
import { type ColumnBatch } from '../../src/datasets/column-batch.ts';

export type Cells = Readonly<Record<string, string | number | undefined>>;

/** Every row has the same columns; a number column’s empty cell is NaN. */
export function aColumnBatch(rows: readonly Cells[]): ColumnBatch {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name): [string, Float64Array | (string | undefined)[]] => {
    const cells = rows.map((row) => row[name]);
    const numeric = cells.some((cell) => typeof cell === 'number');
    return [name, numeric ? Float64Array.from(cells as number[]) : (cells as (string | undefined)[])];
  });
  return {
    rows: rows.length,
    columns: new Map(columns),
    rowNumber: (row) => row,
    place: (row) => ({ file: 'rows.csv', line: row + 2 }),
  };
}
