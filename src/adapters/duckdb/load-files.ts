/** Files loaded one after the other into one typed table whose rowid counts their rows. */
import { type DuckDBConnection } from '@duckdb/node-api';
import { type RowPlace } from '../../datasets/column-batch.ts';
import { type MappedColumn } from '../../datasets/mapping.ts';
import { identifier, literal, scalar } from './engine.ts';
import { fileError, type SourceFile } from './source-files.ts';
import { BAD, checkCells, firstBad, SQL_TYPES, typedCell } from './typed-cells.ts';

export interface LoadedFiles {
  readonly rows: number;
  place(rowNumber: number): RowPlace;
}

/** A text column made of all of a row's cells. */
export interface Fingerprint {
  readonly column: string;
  /** Stands before the digits. */
  readonly word: string;
}

/** Hex digits: 96 bits keep a hundred million different rows apart with odds of 1 in 10^13. */
const FINGERPRINT_DIGITS = 24;

function fingerprintOf(columns: readonly MappedColumn[], word: string): string {
  const cells = columns.map((column) => `COALESCE(CAST(${typedCell(column)} AS VARCHAR), '')`);
  return `${literal(`${word}_`)} || left(md5(concat_ws(chr(31), ${cells.join(', ')})), ${FINGERPRINT_DIGITS})`;
}

/**
 * Makes the table `name` of the columns that every file has, then of `later` ones, empty, for others to fill.
 * Rejects with DATA_INVALID at the first cell that does not parse.
 */
export async function loadFiles(
  connection: DuckDBConnection,
  name: string,
  files: readonly SourceFile[],
  columns: readonly MappedColumn[],
  extra: { readonly later?: readonly MappedColumn[]; readonly fingerprint?: Fingerprint | undefined } = {},
): Promise<LoadedFiles> {
  const { later = [], fingerprint } = extra;
  const define = ({ name: column, type }: MappedColumn): string => `${identifier(column)} ${SQL_TYPES[type]}`;
  const print = fingerprint === undefined ? [] : [`${identifier(fingerprint.column)} VARCHAR`];
  const definitions = [...columns.map(define), `${BAD} VARCHAR`, ...print, ...later.map(define)];
  await connection.run(`CREATE TABLE ${name} (${definitions.join(', ')})`);
  const cells = [
    ...columns.map(typedCell),
    firstBad(columns),
    ...(fingerprint === undefined ? [] : [fingerprintOf(columns, fingerprint.word)]),
    ...later.map(() => 'NULL'),
  ];
  const ends: number[] = [];
  for (const { path, sql } of files) {
    try {
      await connection.run(`INSERT INTO ${name} SELECT ${cells.join(', ')} FROM ${sql}`);
    } catch (cause) {
      throw fileError(path, cause);
    }
    ends.push(await scalar(connection, `SELECT count(*) FROM ${name}`));
  }
  const place = (rowNumber: number): RowPlace => {
    const index = ends.findIndex((end) => rowNumber < end);
    const { path, format } = files[index]!;
    const within = rowNumber - (ends[index - 1] ?? 0);
    return { file: path, line: within + (format === 'csv' ? 2 : 1) };
  };
  await checkCells(connection, name, columns, place);
  return { rows: ends.at(-1) ?? 0, place };
}
