/** Labelled payments → a file of the project's own format, as they are made. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type MappedColumn } from '../../datasets/mapping.ts';
import { SENTINEL_MAPPING } from '../../datasets/mappings/sentinel.ts';
import { SENTINEL_CSV_HEADER, sentinelCsvLine } from '../../datasets/sentinel-csv.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type LabelledTransaction } from '../../domain/labelled-transaction.ts';
import { identifier, literal, openEngine } from './engine.ts';
import { inspectFile } from './source-files.ts';
import { typedCell } from './typed-cells.ts';
import { writeWhole } from './whole-file.ts';

const SUFFIXES = ['.parquet', '.csv', '.csv.gz'] as const;
/** Rows joined into one write. */
const CHUNK_ROWS = 2_048;
/** Fast; the default level makes files a tenth smaller in three times the time. */
const GZIP_LEVEL = 2;

function* csvChunks(payments: Iterable<LabelledTransaction>, onRows: (rows: number) => void): Generator<string> {
  let text = SENTINEL_CSV_HEADER;
  let rows = 0;
  for (const payment of payments) {
    text += sentinelCsvLine(payment);
    if (++rows % CHUNK_ROWS !== 0) continue;
    yield text;
    text = '';
    onRows(rows);
  }
  yield text;
  onRows(rows);
}

/** Typed and compressed; DuckDB streams from file to file. */
async function convertToParquet(csvPath: string, path: string): Promise<void> {
  const engine = await openEngine();
  try {
    const { sql } = await inspectFile(engine.connection, csvPath);
    const cells = SENTINEL_MAPPING.columns.map(
      (column: MappedColumn) => `${typedCell(column)} AS ${identifier(column.name)}`,
    );
    await engine.connection.run(
      `COPY (SELECT ${cells.join(', ')} FROM ${sql}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } finally {
    engine.close();
  }
}

/**
 * Writes all of `payments` to `path` (.parquet, .csv or .csv.gz), whole or not at all, and returns their number.
 * Memory does not grow with rows. `onRows` hears the rows written so far, now and then; `signal` stops the work.
 */
export async function writeTransactions(
  path: string,
  payments: Iterable<LabelledTransaction>,
  options: { readonly onRows?: (rows: number) => void; readonly signal?: AbortSignal } = {},
): Promise<number> {
  const suffix = SUFFIXES.findLast((known) => path.endsWith(known));
  if (suffix === undefined) {
    throw new SentinelError('USAGE', { problem: `${path} ends in none of ${SUFFIXES.join(', ')}` });
  }
  let written = 0;
  const chunks = csvChunks(payments, (rows) => {
    written = rows;
    options.onRows?.(rows);
  });
  const compressed = suffix === '.csv.gz' ? [createGzip({ level: GZIP_LEVEL })] : [];
  const writeCsv = (csvPath: string): Promise<void> =>
    pipeline([Readable.from(chunks), ...compressed, createWriteStream(csvPath)], {
      ...(options.signal && { signal: options.signal }),
    });
  await writeWhole(path, async (temporary) => {
    if (suffix !== '.parquet') return writeCsv(temporary);
    const csvPath = `${temporary}.csv`;
    try {
      await writeCsv(csvPath);
      await convertToParquet(csvPath, temporary);
    } finally {
      await rm(csvPath, { force: true });
    }
  });
  return written;
}
