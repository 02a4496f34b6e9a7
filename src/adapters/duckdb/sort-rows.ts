/** A table put in order of time in memory that does not grow with its size: one slice of time after the other. */
import { type DuckDBConnection } from '@duckdb/node-api';
import { identifier } from './engine.ts';

/** Cells sorted at once: 64 MB of numbers, which sorting needs several times over. */
const SLICE_CELLS = 2 ** 23;

/** A table of rows in order, and the column that holds their numbers in the files. */
export interface SortedRows {
  readonly table: string;
  readonly rowNumber: string;
}

/** Moves the rows of `table`, `rows` of `columns` cells, to a new one in order of time; equal times keep their order. */
export async function sortRows(
  connection: DuckDBConnection,
  table: string,
  timeColumn: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Promise<SortedRows> {
  const time = identifier(timeColumn);
  const slices = Math.max(1, Math.ceil((rows * columns) / SLICE_CELLS));
  const shares = Array.from({ length: slices - 1 }, (_, i) => (i + 1) / slices);
  await connection.run(`CREATE TABLE sorted AS SELECT *, rowid AS __row FROM ${table} LIMIT 0`);
  await connection.run(
    `CREATE TEMP TABLE edges AS SELECT unnest(quantile_disc(${time}, [${shares.join(', ')}]::DOUBLE[])) AS edge FROM ${table}`,
  );
  const edge = (index: number): string => `(SELECT edge FROM edges ORDER BY edge LIMIT 1 OFFSET ${index})`;
  for (let slice = 0; slice < slices; slice++) {
    const from = slice === 0 ? 'true' : `${time} >= ${edge(slice - 1)}`;
    const to = slice === slices - 1 ? 'true' : `${time} < ${edge(slice)}`;
    const within = slice === 0 ? `(${time} IS NULL OR ${to})` : `${from} AND ${to}`;
    await connection.run(
      `INSERT INTO sorted SELECT *, rowid FROM ${table} WHERE ${within} ORDER BY ${time} NULLS FIRST, rowid`,
    );
  }
  await connection.run('DROP TABLE edges');
  await connection.run(`DROP TABLE ${table}`);
  return { table: 'sorted', rowNumber: '__row' };
}
