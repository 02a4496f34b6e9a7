/** A second file's rows put beside the payments they tell more of. */
import { type DuckDBConnection } from '@duckdb/node-api';
import { type DatasetMapping, type MappedColumn } from '../../datasets/mapping.ts';
import { SentinelError } from '../../domain/errors.ts';
import { identifier, scalar } from './engine.ts';
import { loadFiles } from './load-files.ts';
import { type SourceFile } from './source-files.ts';

const TABLE = 'completion';

/** Whether the file holds rows that complete payments rather than payments. */
export function completes({ completion, fields }: DatasetMapping, { columns }: SourceFile): boolean {
  if (completion === undefined) return false;
  const tellsMore = columns.includes(completion.key) && completion.columns.some((name) => columns.includes(name));
  return tellsMore && !columns.includes(fields.amount.column);
}

/** Fills the `columns` of the table `staged` from `files`; returns how many of their rows belong to none of its rows. */
export async function completeRows(
  connection: DuckDBConnection,
  staged: string,
  files: readonly SourceFile[],
  key: MappedColumn,
  columns: readonly MappedColumn[],
): Promise<number> {
  const { place } = await loadFiles(connection, TABLE, files, [key, ...columns]);
  const id = identifier(key.name);
  const twice = await connection.runAndReadAll(
    `SELECT rowid::DOUBLE, ${id} FROM ${TABLE} WHERE ${id} IS NOT NULL
     QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY rowid) = 2 ORDER BY rowid LIMIT 1`,
  );
  if (twice.currentRowCount > 0) {
    const { file, line } = place(Number(twice.value(0, 0)));
    const problem = 'a second row for the same payment';
    throw new SentinelError('DATA_INVALID', {
      file,
      line,
      column: key.name,
      value: String(twice.value(1, 0)),
      problem,
    });
  }
  const values = columns.map(({ name }) => `${identifier(name)} = ${TABLE}.${identifier(name)}`);
  await connection.run(
    `UPDATE ${staged} SET ${values.join(', ')} FROM ${TABLE} WHERE ${staged}.${id} = ${TABLE}.${id}`,
  );
  const unmatched = await scalar(connection, `SELECT count(*) FROM ${TABLE} ANTI JOIN ${staged} USING (${id})`);
  await connection.run(`DROP TABLE ${TABLE}`);
  return unmatched;
}
