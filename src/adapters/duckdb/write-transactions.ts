/** Labelled payments → a file of the project's own format, as they are made. */
import { type DuckDBDataChunk } from '@duckdb/node-api';
import { SENTINEL_COLUMNS, type SentinelColumn } from '../../datasets/sentinel-columns.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type LabelledTransaction } from '../../domain/labelled-transaction.ts';
import { identifier, literal, openEngine } from './engine.ts';
import { CHUNK_ROWS, registerRows } from './row-source.ts';
import { items } from './vectors.ts';
import { writeWhole } from './whole-file.ts';

const FORMATS = [
  { suffix: '.parquet', options: 'FORMAT parquet, COMPRESSION zstd', text: false },
  { suffix: '.csv', options: "FORMAT csv, HEADER true, DELIMITER ','", text: true },
  { suffix: '.csv.gz', options: "FORMAT csv, HEADER true, DELIMITER ',', COMPRESSION gzip", text: true },
] as const;

/** RFC 3339 in UTC with milliseconds. */
const TIME_FORMAT = literal('%Y-%m-%dT%H:%M:%S.%gZ');

function stored({ name, type }: SentinelColumn, asText: boolean): string {
  const cell = identifier(name);
  const present = `NULLIF(${cell}, 'nan'::DOUBLE)`;
  if (type === 'text') return cell;
  if (type === 'number') return `${present} AS ${cell}`;
  if (type === 'flag') return `CAST(${present} AS BOOLEAN) AS ${cell}`;
  const time = `make_timestamp_ms(CAST(${present} AS BIGINT))`;
  return asText ? `strftime(${time}, ${TIME_FORMAT}) AS ${cell}` : `${time} AS ${cell}`;
}

function fillColumn(
  chunk: DuckDBDataChunk,
  index: number,
  column: SentinelColumn,
  rows: readonly LabelledTransaction[],
): void {
  const vector = chunk.getColumnVector(index);
  if (column.type === 'text') {
    for (let row = 0; row < rows.length; row++) vector.setItem(row, column.cell(rows[row]!) ?? null);
  } else {
    const numbers = items<Float64Array>(vector);
    for (let row = 0; row < rows.length; row++) numbers[row] = column.cell(rows[row]!) ?? NaN;
  }
  vector.flush();
}

/**
 * Writes all of `payments` to `path` (.parquet, .csv or .csv.gz), whole or not at all, and returns their number.
 * Memory does not grow with rows. `onRows` hears the rows written so far, now and then.
 */
export async function writeTransactions(
  path: string,
  payments: Iterable<LabelledTransaction>,
  onRows: (rows: number) => void = () => undefined,
): Promise<number> {
  const format = FORMATS.find(({ suffix }) => path.endsWith(suffix));
  if (format === undefined) {
    const problem = `${path} ends in none of ${FORMATS.map(({ suffix }) => suffix).join(', ')}`;
    throw new SentinelError('USAGE', { problem });
  }
  const iterator = payments[Symbol.iterator]();
  const rows: LabelledTransaction[] = [];
  let written = 0;
  const engine = await openEngine();
  try {
    const columns = SENTINEL_COLUMNS.map(({ name, type }) => ({
      name,
      type: type === 'text' ? ('text' as const) : ('number' as const),
    }));
    const source = registerRows(engine.connection, columns, (chunk) => {
      rows.length = 0;
      while (rows.length < CHUNK_ROWS) {
        const { done, value } = iterator.next();
        if (done === true) break;
        rows.push(value);
      }
      chunk.rowCount = rows.length;
      if (rows.length === 0) return;
      for (const [index, column] of SENTINEL_COLUMNS.entries()) fillColumn(chunk, index, column, rows);
      written += rows.length;
      onRows(written);
    });
    const cells = SENTINEL_COLUMNS.map((column) => stored(column, format.text)).join(', ');
    await writeWhole(path, async (temporary) => {
      await engine.connection.run(`COPY (SELECT ${cells} FROM ${source}) TO ${literal(temporary)} (${format.options})`);
    });
  } finally {
    engine.close();
  }
  return written;
}
