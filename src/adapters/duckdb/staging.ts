/** Files loaded into one typed DuckDB table, checked, surveyed and in order of time. */
import { type DuckDBConnection } from '@duckdb/node-api';
import { type RowPlace } from '../../datasets/column-batch.ts';
import { type DatasetMapping, type MappedColumn, type TextSource } from '../../datasets/mapping.ts';
import { FINGERPRINT_COLUMN, fingerprintWord } from '../../datasets/text-sources.ts';
import { SentinelError } from '../../domain/errors.ts';
import { completeRows, completes } from './complete-rows.ts';
import { identifier, scalar } from './engine.ts';
import { type Fingerprint, loadFiles } from './load-files.ts';
import { sortRows } from './sort-rows.ts';
import { inspectFile, type SourceFile } from './source-files.ts';

export interface Staged {
  readonly connection: DuckDBConnection;
  /** Name of the table, its rows in order of time; equal times in the order of the files. */
  readonly table: string;
  /** Its column, or rowid, that counts the rows as the files have them, from 0. */
  readonly rowNumber: string;
  /** The mapped columns that the files have. */
  readonly columns: readonly MappedColumn[];
  /** Further text columns that are not in the files but made of them. */
  readonly made: readonly MappedColumn[];
  readonly rows: number;
  /** Rows that stand after one of a later time. */
  readonly unsorted: number;
  /** Rows of a second file that belong to no payment. */
  readonly unmatched: number;
  /** Transaction ids that occur more than once. */
  readonly repeatedIds: ReadonlySet<string>;
  place(rowNumber: number): RowPlace;
}

const TABLE = 'staged';

/** The mapped columns that every file has; DATA_UNREADABLE when one lacks a required column. */
function commonColumns(mapping: DatasetMapping, files: readonly SourceFile[]): readonly MappedColumn[] {
  return mapping.columns.filter((column) => {
    const without = files.find(({ columns }) => !columns.includes(column.name));
    if (without === undefined) return true;
    if (column.optional === true && files.every(({ columns }) => !columns.includes(column.name))) return false;
    throw lacking(mapping, column, without);
  });
}

/** What to say of a file without `first` and the required columns after it. */
function lacking({ name, columns }: DatasetMapping, first: MappedColumn, file: SourceFile): SentinelError {
  const required = columns.filter((column) => column.optional !== true && !file.columns.includes(column.name));
  const missing = [...new Set([first, ...required])].map((column) => column.name);
  const needs = `${missing.length > 1 ? 'the columns' : 'a column'} ${missing.join(', ')}`;
  const problem = `the mapping ${name} needs ${needs}${whatItHas(file)}`;
  return new SentinelError('DATA_UNREADABLE', { file: file.path, problem });
}

/** What the file has, and what to do; one whose values other characters than commas separate has but one. */
function whatItHas({ columns }: SourceFile): string {
  const [name = ''] = columns;
  const separator = columns.length === 1 ? /[;|\t]/.exec(name)?.[0] : undefined;
  if (separator === undefined) return ` (rename yours, or choose another mapping); the file has ${columns.join(', ')}`;
  return `; the file has one column, ${JSON.stringify(name)}: separate the values by commas instead of ${JSON.stringify(separator)}`;
}

/** The columns that the second files bring, in the order of the mapping. */
function completingColumns(
  { completion, columns, name }: DatasetMapping,
  files: readonly SourceFile[],
  known: readonly MappedColumn[],
): readonly MappedColumn[] {
  if (files.length === 0) return [];
  const brought = columns.filter(
    (column) => completion!.columns.includes(column.name) && files.every((file) => file.columns.includes(column.name)),
  );
  const twice = brought.find((column) => known.includes(column));
  if (twice === undefined) return brought;
  const problem = `the mapping ${name} finds the column ${twice.name} in both files`;
  throw new SentinelError('DATA_UNREADABLE', { file: files[0]!.path, problem });
}

function fingerprintIn({ fields }: DatasetMapping): Fingerprint | undefined {
  const sources: readonly TextSource[] = [fields.transactionId, fields.userId, fields.merchantId];
  const word = fingerprintWord(sources);
  return word === undefined ? undefined : { column: FINGERPRINT_COLUMN, word };
}

async function repeatedIds(connection: DuckDBConnection, source: TextSource): Promise<ReadonlySet<string>> {
  if ('constant' in source) return new Set([source.constant]);
  if ('parts' in source) throw new TypeError('a transaction id is one column');
  const id = identifier('column' in source ? source.column : FINGERPRINT_COLUMN);
  const reader = await connection.runAndReadAll(
    `SELECT ${id} FROM ${TABLE} WHERE ${id} IS NOT NULL GROUP BY ${id} HAVING count(*) > 1`,
  );
  return new Set(reader.getRows().map(([id]) => String(id)));
}

async function countUnsorted(connection: DuckDBConnection, timeColumn: string): Promise<number> {
  const time = identifier(timeColumn);
  return scalar(
    connection,
    `SELECT count(*) FROM (SELECT ${time} < max(${time}) OVER (ORDER BY rowid ROWS UNBOUNDED PRECEDING) AS moved FROM ${TABLE}) WHERE moved`,
  );
}

/** Loads the files, one after the other, and looks them over. */
export async function stageFiles(
  connection: DuckDBConnection,
  mapping: DatasetMapping,
  paths: readonly string[],
): Promise<Staged> {
  const files: SourceFile[] = [];
  for (const path of paths) files.push(await inspectFile(connection, path));
  const second = files.filter((file) => completes(mapping, file));
  const first = second.length === files.length ? files : files.filter((file) => !second.includes(file));
  const columns = commonColumns(mapping, first);
  const later = first === files ? [] : completingColumns(mapping, second, columns);
  const fingerprint = fingerprintIn(mapping);
  const { rows, place } = await loadFiles(connection, TABLE, first, columns, { later, fingerprint });
  const key = columns.find(({ name }) => name === mapping.completion?.key);
  const unmatched = later.length === 0 ? 0 : await completeRows(connection, TABLE, second, key!, later);
  const repeated = await repeatedIds(connection, mapping.fields.transactionId);
  const unsorted = await countUnsorted(connection, mapping.fields.time.column);
  const size = { rows, columns: columns.length + later.length };
  const sorted =
    unsorted === 0
      ? { table: TABLE, rowNumber: 'rowid' }
      : await sortRows(connection, TABLE, mapping.fields.time.column, size);
  return {
    connection,
    ...sorted,
    columns: [...columns, ...later],
    made: fingerprint === undefined ? [] : [{ name: fingerprint.column, type: 'text' }],
    rows,
    unsorted,
    unmatched,
    repeatedIds: repeated,
    place,
  };
}
