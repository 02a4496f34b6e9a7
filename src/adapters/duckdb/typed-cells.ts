/** Cells of a file as the types a mapping gives them, and the first one that is not of its type. */
import { type DuckDBConnection } from '@duckdb/node-api';
import { type RowPlace } from '../../datasets/column-batch.ts';
import { type ColumnType, type MappedColumn, type TextTreatment } from '../../datasets/mapping.ts';
import { SentinelError } from '../../domain/errors.ts';
import { identifier, literal } from './engine.ts';

export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  number: 'DOUBLE',
  timestamp: 'TIMESTAMPTZ',
  boolean: 'BOOLEAN',
};
/** What is said of a cell that is not of its type. */
const PROBLEMS: Readonly<Record<ColumnType, string>> = {
  text: 'holds the control character U+001F: take it out',
  number: 'does not parse as a number such as 1250.00',
  timestamp: 'does not parse as a time such as 2026-01-31T12:00:00Z',
  boolean: 'does not parse as 1 or 0',
};
/** Unit separator: stands between joined texts, and is therefore refused within one. */
export const SEPARATOR = '\u001f';
/** Column of a loaded table that holds `column␟value` of a row's first bad cell. */
export const BAD = identifier('__bad');
/** Hex digits of an opaque id: 64 bits keep ten million people apart with odds of 1 in 400,000. */
const OPAQUE_DIGITS = 16;

/** Treats a text in SQL. What is opaque already, in a file prepared before, stays as it is. */
function treated(text: string, treatment: TextTreatment | undefined): string {
  if (treatment === undefined) return text;
  if (treatment === 'unquoted') return `regexp_replace(${text}, '^''(.*)''$', '\\1')`;
  if ('without' in treatment) return `regexp_replace(${text}, '^' || regexp_escape(${literal(treatment.without)}), '')`;
  const { opaque } = treatment;
  const isOpaque = `regexp_full_match(${text}, ${literal(`${opaque}_[0-9a-f]{${OPAQUE_DIGITS}}`)})`;
  return `CASE WHEN ${isOpaque} THEN ${text} ELSE ${literal(`${opaque}_`)} || left(md5(${text}), ${OPAQUE_DIGITS}) END`;
}

/** A cell as its type; NULL when empty or not of the type. Text first, so that 2 is no boolean in Parquet either; 1.0 and 0.0 are. */
export function typedCell({ name, type, treatment }: MappedColumn): string {
  const cell = identifier(name);
  if (type === 'text') return `NULLIF(${treated(`NULLIF(CAST(${cell} AS VARCHAR), '')`, treatment)}, '')`;
  if (type === 'boolean') {
    const text = `CAST(${cell} AS VARCHAR)`;
    return `CASE ${text} WHEN '1.0' THEN true WHEN '0.0' THEN false ELSE TRY_CAST(${text} AS BOOLEAN) END`;
  }
  if (type === 'number') return asWritten(cell);
  return `TRY_CAST(${cell} AS ${SQL_TYPES[type]})`;
}

/** A cell, of single precision by its digits: as a DOUBLE 27.45 would be 27.450000762939453, no amount in cents. */
function asWritten(cell: string): string {
  return `CASE typeof(${cell}) WHEN 'FLOAT' THEN CAST(CAST(${cell} AS VARCHAR) AS DOUBLE) ELSE TRY_CAST(${cell} AS DOUBLE) END`;
}

/** `column␟value` of the first cell that is not empty and not of its type, else NULL. */
export function firstBad(columns: readonly MappedColumn[]): string {
  const cases = columns.map((column) => {
    const cell = identifier(column.name);
    const bad = column.type === 'text' ? `contains(${typedCell(column)}, chr(31))` : `${typedCell(column)} IS NULL`;
    const named = literal(column.name + SEPARATOR);
    return `CASE WHEN ${cell} IS NOT NULL AND ${bad} THEN ${named} || CAST(${cell} AS VARCHAR) END`;
  });
  return `COALESCE(${cases.join(', ')})`;
}

/** Refuses the table when a cell did not parse, naming its place. */
export async function checkCells(
  connection: DuckDBConnection,
  table: string,
  columns: readonly MappedColumn[],
  place: (row: number) => RowPlace,
): Promise<void> {
  const found = await connection.runAndReadAll(
    `SELECT rowid::DOUBLE, ${BAD} FROM ${table} WHERE ${BAD} IS NOT NULL ORDER BY rowid LIMIT 1`,
  );
  if (found.currentRowCount === 0) return;
  const [column, ...value] = String(found.value(1, 0)).split(SEPARATOR);
  const { file, line } = place(Number(found.value(0, 0)));
  throw new SentinelError('DATA_INVALID', {
    file,
    line,
    column: column!,
    value: value.join(SEPARATOR),
    problem: PROBLEMS[columns.find(({ name }) => name === column)!.type],
  });
}
