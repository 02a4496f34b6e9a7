/** Batches of columns → one Parquet file, by way of parts of it on disk: memory holds one part at a time. */
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { SentinelError } from '../../domain/errors.ts';
import { type NamedColumn, type OfflineStore } from '../../ports/offline-store.ts';
import { atExit } from '../system/at-exit.ts';
import { identifier, literal, openEngine, scalar } from './engine.ts';
import { readParquet } from './read-sql.ts';
import { CHUNK_ROWS, TYPES } from './row-source.ts';
import { fillColumn, keyValues, sourceType, storedAs } from './stored-columns.ts';
import { writeWhole } from './whole-file.ts';

const TABLE = 'batches';
/** Of a part, and of a row group: a writer holds one in memory, another while it compresses the first. */
const PART_BYTES = 64 * 1024 * 1024;
const VALUE_BYTES = 8;
/** The usual length of a row group, which narrow files keep. */
const LONGEST_GROUP = 60 * CHUNK_ROWS;

/** Rows of so many columns that a part holds, whole chunks. */
function rowsOfPart(columns: number): number {
  return Math.max(1, Math.floor(PART_BYTES / (VALUE_BYTES * columns * CHUNK_ROWS))) * CHUNK_ROWS;
}

async function append(connection: DuckDBConnection, batch: readonly NamedColumn[]): Promise<void> {
  const length = batch[0]!.values.length;
  const types = batch.map((column) => TYPES[sourceType(column)]);
  const appender = await connection.createAppender(TABLE);
  for (let from = 0; from < length; from += CHUNK_ROWS) {
    const to = Math.min(from + CHUNK_ROWS, length);
    const chunk = DuckDBDataChunk.create(types, to - from);
    batch.forEach((column, index) => fillColumn(chunk, index, column, from, to));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

interface Loaded {
  /** The first batch, which tells the columns. */
  readonly columns: readonly NamedColumn[];
  readonly rows: number;
  /** The SQL that reads all of it, in order. */
  readonly sql: string;
}

/** Every batch, in a table where one part is enough, else in files in `directory`. */
async function load(
  connection: DuckDBConnection,
  batches: AsyncIterable<readonly NamedColumn[]>,
  directory: string,
): Promise<Loaded> {
  let columns: readonly NamedColumn[] = [];
  let rows = 0;
  let inTable = 0;
  const parts: string[] = [];
  const createTable = async (): Promise<void> => {
    const declared = columns.map((column) => `${identifier(column.name)} ${TYPES[sourceType(column)].toString()}`);
    await connection.run(`CREATE OR REPLACE TABLE ${TABLE} (${declared.join(', ')})`);
  };
  const writePart = async (): Promise<void> => {
    await mkdir(directory, { recursive: true });
    const part = join(directory, `${parts.length}.parquet`);
    await connection.run(`COPY ${TABLE} TO ${literal(part)} (FORMAT parquet, COMPRESSION snappy)`);
    parts.push(part);
    await createTable();
    inTable = 0;
  };
  for await (const batch of batches) {
    if (columns.length === 0) {
      columns = batch;
      await createTable();
    }
    if (inTable >= rowsOfPart(columns.length)) await writePart();
    await append(connection, batch);
    rows += batch[0]!.values.length;
    inTable += batch[0]!.values.length;
  }
  if (parts.length > 0) await writePart();
  return { columns, rows, sql: parts.length === 0 ? TABLE : readParquet(parts) };
}

/** Whether every value of a text column is the decimal form of a 64-bit integer. */
async function holdsIntegers(connection: DuckDBConnection, name: string, sql: string): Promise<boolean> {
  const cell = identifier(name);
  const others = `TRY_CAST(${cell} AS BIGINT) IS NULL OR CAST(TRY_CAST(${cell} AS BIGINT) AS VARCHAR) <> ${cell}`;
  return (await scalar(connection, `SELECT count(*) FROM ${sql} WHERE ${others}`)) === 0;
}

/** See the port. DATA_UNREADABLE when there is no row to write. */
export const writeBatches: OfflineStore['writeBatches'] = async (path, batches, options = {}) => {
  let written = 0;
  await writeWhole(path, async (temporary) => {
    const directory = `${temporary}.parts`;
    const settled = atExit(() => rmSync(directory, { recursive: true, force: true }));
    const engine = await openEngine();
    try {
      const { connection } = engine;
      const { columns, rows, sql } = await load(connection, batches, directory);
      if (rows === 0) throw new SentinelError('DATA_UNREADABLE', { file: path, problem: 'there is no row to write' });
      const cells: string[] = [];
      for (const column of columns) {
        const name = identifier(column.name);
        const isInteger =
          options.integers?.includes(column.name) && (await holdsIntegers(connection, column.name, sql));
        cells.push(isInteger ? `CAST(${name} AS BIGINT) AS ${name}` : storedAs(column));
      }
      const group = Math.min(LONGEST_GROUP, rowsOfPart(columns.length));
      await connection.run(
        `COPY (SELECT ${cells.join(', ')} FROM ${sql}) TO ${literal(temporary)}
         (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${group}${keyValues(options.metadata ?? {})})`,
      );
      written = rows;
    } finally {
      engine.close();
      await rm(directory, { recursive: true, force: true });
      settled();
    }
  });
  return written;
};
