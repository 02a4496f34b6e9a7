/** Files loaded into one typed DuckDB table, in file order: sorted, surveyed and checked from there. */
import { type DuckDBConnection } from '@duckdb/node-api';
import { type RowPlace } from '../../datasets/column-batch.ts';
import { type ColumnType, type DatasetMapping, type MappedColumn } from '../../datasets/mapping.ts';
import { SentinelError } from '../../domain/errors.ts';
import { identifier, literal, scalar } from './engine.ts';
import { fileError, inspectFile, type SourceFile } from './source-files.ts';

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  number: 'DOUBLE',
  timestamp: 'TIMESTAMPTZ',
  boolean: 'BOOLEAN',
};
/** Unit separator: stands between joined texts, and is therefore refused within one. */
export const SEPARATOR = '\u001f';
const BAD = identifier('__bad');

export interface Staged {
  readonly connection: DuckDBConnection;
  /** Name of the table; its rowid counts the rows of the files from 0. */
  readonly table: string;
  /** The mapped columns that the files have. */
  readonly columns: readonly MappedColumn[];
  readonly rows: number;
  /** Rows that stand after one of a later time. */
  readonly unsorted: number;
  /** Transaction ids that occur more than once. */
  readonly repeatedIds: ReadonlySet<string>;
  place(rowNumber: number): RowPlace;
}

/** A cell as its type; NULL when empty or not of the type. Text first, so that 2 is no boolean in Parquet either. */
export function typedCell({ name, type }: MappedColumn): string {
  const cell = identifier(name);
  if (type === 'text') return `NULLIF(CAST(${cell} AS VARCHAR), '')`;
  if (type === 'boolean') return `TRY_CAST(CAST(${cell} AS VARCHAR) AS BOOLEAN)`;
  return `TRY_CAST(${cell} AS ${SQL_TYPES[type]})`;
}

/** `column␟value` of the first cell that is not empty and not of its type, else NULL. */
function firstBad(columns: readonly MappedColumn[]): string {
  const cases = columns.map((column) => {
    const cell = identifier(column.name);
    const bad = column.type === 'text' ? `contains(${typedCell(column)}, chr(31))` : `${typedCell(column)} IS NULL`;
    const named = literal(column.name + SEPARATOR);
    return `CASE WHEN ${cell} IS NOT NULL AND ${bad} THEN ${named} || CAST(${cell} AS VARCHAR) END`;
  });
  return `COALESCE(${cases.join(', ')})`;
}

/** The mapped columns that every file has; DATA_UNREADABLE when one lacks a required column. */
function commonColumns(mapping: DatasetMapping, files: readonly SourceFile[]): readonly MappedColumn[] {
  return mapping.columns.filter((column) => {
    const without = files.find(({ columns }) => !columns.includes(column.name));
    if (without === undefined) return true;
    if (column.optional === true && files.every(({ columns }) => !columns.includes(column.name))) return false;
    const problem = `the mapping ${mapping.name} needs a column ${column.name}; the file has ${without.columns.join(', ')}`;
    throw new SentinelError('DATA_UNREADABLE', { file: without.path, problem });
  });
}

/** Refuses the table when a cell did not parse, naming its place. */
async function checkCells(connection: DuckDBConnection, place: (row: number) => RowPlace): Promise<void> {
  const found = await connection.runAndReadAll(
    `SELECT rowid::DOUBLE, ${BAD} FROM staged WHERE ${BAD} IS NOT NULL ORDER BY rowid LIMIT 1`,
  );
  if (found.currentRowCount === 0) return;
  const [column, ...value] = String(found.value(1, 0)).split(SEPARATOR);
  const { file, line } = place(Number(found.value(0, 0)));
  throw new SentinelError('DATA_INVALID', {
    file,
    line,
    column: column!,
    value: value.join(SEPARATOR),
    problem: 'does not parse',
  });
}

async function repeatedIds(connection: DuckDBConnection, mapping: DatasetMapping): Promise<ReadonlySet<string>> {
  const source = mapping.fields.transactionId;
  if ('constant' in source) return new Set([source.constant]);
  const id = identifier(source.column);
  const reader = await connection.runAndReadAll(
    `SELECT ${id} FROM staged WHERE ${id} IS NOT NULL GROUP BY ${id} HAVING count(*) > 1`,
  );
  return new Set(reader.getRows().map(([id]) => String(id)));
}

/** Loads the files, one after the other, and looks them over. */
export async function stageFiles(
  connection: DuckDBConnection,
  mapping: DatasetMapping,
  paths: readonly string[],
): Promise<Staged> {
  const files: SourceFile[] = [];
  for (const path of paths) files.push(await inspectFile(connection, path));
  const columns = commonColumns(mapping, files);
  const definitions = columns.map(({ name, type }) => `${identifier(name)} ${SQL_TYPES[type]}`);
  await connection.run(`CREATE TABLE staged (${definitions.join(', ')}, ${BAD} VARCHAR)`);
  const ends: { readonly path: string; readonly format: string; readonly end: number }[] = [];
  for (const { path, format, sql } of files) {
    try {
      await connection.run(
        `INSERT INTO staged SELECT ${columns.map(typedCell).join(', ')}, ${firstBad(columns)} FROM ${sql}`,
      );
    } catch (cause) {
      throw fileError(path, cause);
    }
    ends.push({ path, format, end: await scalar(connection, 'SELECT count(*) FROM staged') });
  }

  const place = (rowNumber: number): RowPlace => {
    const index = ends.findIndex(({ end }) => rowNumber < end);
    const { path, format } = ends[index]!;
    const within = rowNumber - (ends[index - 1]?.end ?? 0);
    return { file: path, line: within + (format === 'csv' ? 2 : 1) };
  };
  await checkCells(connection, place);
  const time = identifier(mapping.fields.time.column);
  const unsorted = await scalar(
    connection,
    `SELECT count(*) FROM (SELECT ${time} < max(${time}) OVER (ORDER BY rowid ROWS UNBOUNDED PRECEDING) AS moved FROM staged) WHERE moved`,
  );
  const rows = ends.at(-1)?.end ?? 0;
  return {
    connection,
    table: 'staged',
    columns,
    rows,
    unsorted,
    repeatedIds: await repeatedIds(connection, mapping),
    place,
  };
}
