/** Files as they were given: their format, their columns, and what to say when they are broken. */
import { open } from 'node:fs/promises';
import { type DuckDBConnection } from '@duckdb/node-api';
import { SentinelError } from '../../domain/errors.ts';
import { maskPans } from '../../domain/pan.ts';
import { checkGzip } from './check-gzip.ts';
import { literal } from './engine.ts';
import { readCsv, readParquet } from './read-sql.ts';

export interface SourceFile {
  readonly path: string;
  readonly format: 'csv' | 'parquet';
  readonly columns: readonly string[];
  /** What to select from. */
  readonly sql: string;
}

/** Longest excerpt of a broken line in an error. */
const EXCERPT = 80;
/** What DuckDB says, without a line, of mixed line endings. */
const LOST_ITS_WAY = 'state machine reached an invalid state';
const MIXED_LINE_ENDINGS =
  'mixed line endings, or a line break in a quoted cell unlike those of the rows: make all of them LF';

const NOT_UTF8 = /not utf-8 encoded/i;
const CUT_PARQUET = 'No magic bytes found at end of file';

/** A problem of a whole file as DuckDB tells it, in our words. */
function wholeProblem(said: string): string {
  if (said.includes(LOST_ITS_WAY)) return MIXED_LINE_ENDINGS;
  if (said.includes(CUT_PARQUET)) return 'the Parquet file ends too early: download or copy it again';
  return said.split('\n')[0]!;
}

/** A problem of one row. */
function rowProblem(said: string): string {
  const [, header, found] = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(said) ?? [];
  if (header === undefined) return NOT_UTF8.test(said) ? 'is not UTF-8: save the file in that encoding' : said;
  if (Number(found) < Number(header)) return `${found} cells where the header has ${header}`;
  return `more cells than the ${header} of the header; a value with a comma in it needs quotes`; // counted no further
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new SentinelError('DATA_UNREADABLE', { file: path, problem: 'it cannot be opened' }, cause);
  }
}

/** The cells of one CSV line. Source: RFC 4180 section 2. */
function splitCsvLine(line: string): readonly string[] {
  const cells = `,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map((cell) => (cell[1] === undefined ? cell[2]! : cell[1].replaceAll('""', '"')));
}

/** What DuckDB says of a broken file, in our words. */
export function fileError(path: string, cause: unknown): SentinelError {
  if (cause instanceof SentinelError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1];
  if (line === undefined) {
    return new SentinelError('DATA_UNREADABLE', { file: path, problem: wholeProblem(text) }, cause);
  }
  // The original line may be many lines; what is wrong stands between it and what DuckDB proposes.
  const said = [...text.matchAll(/^(.+)\n+Possible (?:fixes|Solution):/gm)].at(-1)?.[1] ?? text.split('\n')[0]!;
  const problem = rowProblem(said);
  const value = maskPans(/Original Line: (.*)/.exec(text)?.[1] ?? '').slice(0, EXCERPT); // half a card number is not known as one
  return new SentinelError('DATA_INVALID', { file: path, line: Number(line), column: 'all', problem, value }, cause);
}

async function csvColumns(connection: DuckDBConnection, path: string, compression: string): Promise<readonly string[]> {
  const options = `header = false, delim = chr(1), quote = '', escape = '', compression = '${compression}', columns = {'line': 'VARCHAR'}`;
  const reader = await connection.runAndReadAll(`SELECT line FROM ${readCsv(path, options)} LIMIT 1`);
  if (reader.currentRowCount === 0) throw new SentinelError('DATA_UNREADABLE', { file: path, problem: 'it is empty' });
  const header = String(reader.value(0, 0) ?? '');
  const names = splitCsvLine(header.replace(/^\uFEFF/, '').replace(/\r$/, ''));
  return names.map((name, index) => name || `column ${index + 1}`);
}

/** Letter case counts as little as it does in SQL. */
function requireDistinct(path: string, columns: readonly string[]): void {
  const known = new Map<string, string>();
  for (const name of columns) {
    const twin = known.get(name.toLowerCase());
    if (twin !== undefined) {
      const problem = `the header has two columns of one name: ${twin}, ${name}`;
      throw new SentinelError('DATA_UNREADABLE', { file: path, problem });
    }
    known.set(name.toLowerCase(), name);
  }
}

/** Looks at the file's first bytes and header; DATA_UNREADABLE when it is neither CSV nor Parquet. */
export async function inspectFile(connection: DuckDBConnection, path: string): Promise<SourceFile> {
  const bytes = await firstBytes(path);
  try {
    if (bytes.toString('latin1') === 'PAR1') {
      const sql = readParquet([path]);
      const described = await connection.runAndReadAll(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${sql})`);
      return { path, format: 'parquet', columns: described.getRows().map(([name]) => String(name)), sql };
    }
    const compression = bytes[0] === 0x1f && bytes[1] === 0x8b ? 'gzip' : 'none';
    if (compression === 'gzip') await checkGzip(path);
    const columns = await csvColumns(connection, path, compression);
    requireDistinct(path, columns);
    const types = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
    const options = `header = true, delim = ',', quote = '"', escape = '"', nullstr = '', compression = '${compression}', columns = {${types}}`;
    const sql = readCsv(path, options);
    return { path, format: 'csv', columns, sql };
  } catch (cause) {
    throw fileError(path, cause);
  }
}
