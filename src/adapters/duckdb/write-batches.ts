/** Batches of columns → one Parquet file, through a table that DuckDB moves to disk when it grows. */
import { type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { SentinelError } from '../../domain/errors.ts';
import { type NamedColumn, type OfflineStore } from '../../ports/offline-store.ts';
import { identifier, literal, openEngine, scalar } from './engine.ts';
import { CHUNK_ROWS, TYPES } from './row-source.ts';
import { fillColumn, keyValues, sourceType, storedAs } from './stored-columns.ts';
import { writeWhole } from './whole-file.ts';

const TABLE = 'batches';

/** Appends every batch to a new table; returns its first batch, which tells the columns, and the rows. */
async function load(
  connection: DuckDBConnection,
  batches: AsyncIterable<readonly NamedColumn[]>,
): Promise<{ readonly columns: readonly NamedColumn[]; readonly rows: number }> {
  let columns: readonly NamedColumn[] = [];
  let rows = 0;
  for await (const batch of batches) {
    if (columns.length === 0) {
      columns = batch;
      const declared = batch.map((column) => `${identifier(column.name)} ${TYPES[sourceType(column)].toString()}`);
      await connection.run(`CREATE TABLE ${TABLE} (${declared.join(', ')})`);
    }
    const length = batch[0]!.values.length;
    const appender = await connection.createAppender(TABLE);
    for (let from = 0; from < length; from += CHUNK_ROWS) {
      const to = Math.min(from + CHUNK_ROWS, length);
      const chunk = DuckDBDataChunk.create(
        batch.map((column) => TYPES[sourceType(column)]),
        to - from,
      );
      batch.forEach((column, index) => fillColumn(chunk, index, column, from, to));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    rows += length;
  }
  return { columns, rows };
}

/** Whether every value of a text column is the decimal form of a 64-bit integer. */
async function holdsIntegers(connection: DuckDBConnection, name: string): Promise<boolean> {
  const cell = identifier(name);
  const others = `TRY_CAST(${cell} AS BIGINT) IS NULL OR CAST(TRY_CAST(${cell} AS BIGINT) AS VARCHAR) <> ${cell}`;
  return (await scalar(connection, `SELECT count(*) FROM ${TABLE} WHERE ${others}`)) === 0;
}

/** See the port. DATA_UNREADABLE when there is no row to write. */
export const writeBatches: OfflineStore['writeBatches'] = async (path, batches, options = {}) => {
  let written = 0;
  await writeWhole(path, async (temporary) => {
    const engine = await openEngine();
    try {
      const { connection } = engine;
      const { columns, rows } = await load(connection, batches);
      if (rows === 0) throw new SentinelError('DATA_UNREADABLE', { file: path, problem: 'there is no row to write' });
      const cells: string[] = [];
      for (const column of columns) {
        const name = identifier(column.name);
        const isInteger = options.integers?.includes(column.name) && (await holdsIntegers(connection, column.name));
        cells.push(isInteger ? `CAST(${name} AS BIGINT) AS ${name}` : storedAs(column));
      }
      await connection.run(
        `COPY (SELECT ${cells.join(', ')} FROM ${TABLE}) TO ${literal(temporary)}
         (FORMAT parquet, COMPRESSION zstd${keyValues(options.metadata ?? {})})`,
      );
      written = rows;
    } finally {
      engine.close();
    }
  });
  return written;
};
