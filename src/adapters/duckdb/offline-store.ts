/** The offline store port over Parquet files, written and queried by DuckDB. */
import { readdir, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection } from '@duckdb/node-api';
import { SentinelError } from '../../domain/errors.ts';
import { DAY_MS, formatRfc3339 } from '../../domain/time.ts';
import { type FeatureTable, type NamedColumn, type OfflineStore } from '../../ports/offline-store.ts';
import { identifier, literal, openEngine } from './engine.ts';
import { readParquet } from './read-sql.ts';
import { CHUNK_ROWS, registerRows } from './row-source.ts';
import { fillColumn, keyValues, sourceType, storedAs } from './stored-columns.ts';
import { numbersOf, textsOf } from './vectors.ts';
import { writeWhole } from './whole-file.ts';
import { writeBatches } from './write-batches.ts';

const ID_COLUMN = 'transaction_id';
const TIME_COLUMN = 'event_time_ms';
const PART_FILE = 'part.parquet';

async function copyColumns(
  connection: DuckDBConnection,
  path: string,
  columns: readonly NamedColumn[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const rows = columns[0]?.values.length ?? 0;
  const uneven = columns.find(({ values }) => values.length !== rows);
  if (uneven !== undefined) throw new RangeError(`column ${uneven.name}: ${uneven.values.length} rows, not ${rows}`);
  let position = 0;
  const source = registerRows(
    connection,
    columns.map((column) => ({ name: column.name, type: sourceType(column) })),
    (chunk) => {
      const end = Math.min(position + CHUNK_ROWS, rows);
      chunk.rowCount = end - position;
      if (end === position) return;
      for (const [index, column] of columns.entries()) fillColumn(chunk, index, column, position, end);
      position = end;
    },
  );
  await connection.run(
    `COPY (SELECT ${columns.map(storedAs).join(', ')} FROM ${source}) TO ${literal(path)}
     (FORMAT parquet, COMPRESSION zstd${keyValues(metadata)})`,
  );
}

/** The columns that `sql` yields; `text` ones by name, all others as numbers. */
async function collect(
  connection: DuckDBConnection,
  from: string,
  columns: readonly { readonly name: string; readonly text: boolean }[],
  rest: string,
): Promise<readonly NamedColumn[]> {
  const selected = columns.map(({ name, text }) => {
    const cell = identifier(name);
    return text ? `COALESCE(${cell}, '')` : `COALESCE(CAST(${cell} AS DOUBLE), 'nan'::DOUBLE)`;
  });
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${from} ${rest}`);
  const parts: (Float64Array | string[])[][] = columns.map(() => []);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [index, { text }] of columns.entries()) {
      parts[index]!.push(text ? textsOf(chunk, index) : numbersOf(chunk, index));
    }
  }
  return columns.map(({ name, text }, index) => ({
    name,
    values: text ? (parts[index] as string[][]).flat() : joinNumbers(parts[index] as Float64Array[]),
  }));
}

function joinNumbers(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

async function withEngine<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const engine = await openEngine();
  try {
    return await work(engine.connection);
  } finally {
    engine.close();
  }
}

async function readFile(path: string, names: readonly string[] | undefined): Promise<readonly NamedColumn[]> {
  return withEngine(async (connection) => {
    const file = readParquet([path]);
    let described;
    try {
      described = await connection.runAndReadAll(
        `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${file})`,
      );
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message.split('\n')[0]! : 'it cannot be read';
      throw new SentinelError('DATA_UNREADABLE', { file: path, problem }, cause);
    }
    const types = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
    const columns = (names ?? [...types.keys()]).map((name) => {
      const type = types.get(name);
      if (type !== undefined) return { name, text: type === 'VARCHAR' };
      throw new SentinelError('DATA_UNREADABLE', { file: path, problem: `it has no column ${name}` });
    });
    return collect(connection, file, columns, '');
  });
}

/** [from, to) of the rows of each UTC day. */
function* daysOf(times: Float64Array): Generator<{ readonly day: string; readonly from: number; readonly to: number }> {
  let from = 0;
  for (let row = 1; row <= times.length; row++) {
    const day = Math.floor(times[from]! / DAY_MS);
    if (row < times.length && times[row]! < times[row - 1]!) throw new RangeError(`event times fall at row ${row}`);
    if (row < times.length && Math.floor(times[row]! / DAY_MS) === day) continue;
    yield { day: formatRfc3339(day * DAY_MS).slice(0, 10), from, to: row };
    from = row;
  }
}

async function writeFeatureDays(root: string, table: FeatureTable): Promise<void> {
  const all: readonly NamedColumn[] = [
    { name: ID_COLUMN, values: table.transactionIds },
    { name: TIME_COLUMN, values: table.eventTimesMs },
    ...table.features,
  ];
  await withEngine(async (connection) => {
    for (const { day, from, to } of daysOf(table.eventTimesMs)) {
      const rows = all.map(({ name, values }) => ({ name, values: values.slice(from, to) }));
      const path = join(root, table.catalogueHash, `day=${day}`, PART_FILE);
      await writeWhole(path, (temporary) =>
        copyColumns(connection, temporary, rows, { catalogue: table.catalogueHash }),
      );
    }
  });
}

export function createOfflineStore(): OfflineStore {
  return {
    async writeColumns(path, columns, metadata = {}) {
      await writeWhole(path, (temporary) =>
        withEngine((connection) => copyColumns(connection, temporary, columns, metadata)),
      );
      return (await stat(path)).size;
    },
    writeBatches,
    readColumns: readFile,
    writeFeatures: writeFeatureDays,
    async readFeatures(root, catalogueHash, { fromMs, toMs }, names) {
      const directory = join(root, catalogueHash);
      const columns = [
        { name: ID_COLUMN, text: true },
        { name: TIME_COLUMN, text: false },
        ...names.map((name) => ({ name, text: false })),
      ];
      const empty = columns.map(({ name, text }) => ({ name, values: text ? [] : new Float64Array(0) }));
      const [firstDay, lastDay] = [fromMs, toMs].map((ms) => `day=${formatRfc3339(ms).slice(0, 10)}`);
      const folders = existsSync(directory) ? (await readdir(directory)).toSorted() : [];
      const days = folders.filter((day) => day >= firstDay! && day <= lastDay!);
      const files = days.map((day) => join(directory, day, PART_FILE)).filter((file) => existsSync(file));
      const [ids, times, ...features] =
        files.length > 0
          ? await withEngine((connection) =>
              collect(
                connection,
                readParquet(files, ['filename = true', 'file_row_number = true']),
                columns,
                `WHERE ${TIME_COLUMN} >= ${fromMs} AND ${TIME_COLUMN} < ${toMs} ORDER BY filename, file_row_number`,
              ),
            )
          : empty;
      return {
        catalogueHash,
        transactionIds: ids!.values as readonly string[], // asked for as text
        eventTimesMs: times!.values as Float64Array, // asked for as numbers
        features,
      };
    },
  };
}
