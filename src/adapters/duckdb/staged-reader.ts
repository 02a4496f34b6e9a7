/** Staged rows → cleaned payments, a chunk at a time. */
import { type Cleaner, createCleaner } from '../../datasets/cleaning.ts';
import { type ColumnBatch, type NumberValues, type TextValues } from '../../datasets/column-batch.ts';
import { type DatasetMapping, type MappedColumn } from '../../datasets/mapping.ts';
import { type LabelledTransaction } from '../../domain/labelled-transaction.ts';
import { identifier, scalar } from './engine.ts';
import { type Staged } from './staging.ts';
import { SEPARATOR } from './typed-cells.ts';
import { numbersOf, textsOf } from './vectors.ts';

const isText = ({ type }: MappedColumn): boolean => type === 'text';

/** A staged column as DOUBLE without NULL. */
function asNumber({ name, type }: MappedColumn): string {
  const value = type === 'timestamp' ? `epoch_ms(${identifier(name)})` : identifier(name);
  return `COALESCE(CAST(${value} AS DOUBLE), 'nan'::DOUBLE)`;
}

/** All texts of a row as one: fetching a string costs about a microsecond whatever its length. */
function joinedTexts(columns: readonly MappedColumn[]): string {
  if (columns.length === 0) return "''";
  return columns.map(({ name }) => `COALESCE(${identifier(name)}, '')`).join(' || chr(31) || ');
}

/** Splits the joined texts of a chunk into one array a column; '' is an empty cell. */
function splitTexts(joined: readonly string[], count: number): readonly TextValues[] {
  const values = Array.from({ length: count }, () => new Array<string | undefined>(joined.length));
  for (let row = 0; row < joined.length; row++) {
    const texts = joined[row]!.split(SEPARATOR);
    for (let index = 0; index < count; index++) {
      const text = texts[index]!;
      values[index]![row] = text === '' ? undefined : text;
    }
  }
  return values;
}

/** The rows that the rest of a query after FROM gives, a chunk at a time. */
async function* batchesOf(staged: Staged, from: string): AsyncGenerator<ColumnBatch> {
  const { place } = staged;
  const texts = [...staged.columns.filter(isText), ...staged.made];
  const numbers = staged.columns.filter((column) => !isText(column));
  const selected = [joinedTexts(texts), `${staged.rowNumber}::DOUBLE`, ...numbers.map(asNumber)].join(', ');
  const result = await staged.connection.stream(`SELECT ${selected} FROM ${from}`);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const rowNumbers = numbersOf(chunk, 1);
    const values = new Map<string, TextValues | NumberValues>();
    const split = splitTexts(textsOf(chunk, 0), texts.length);
    for (const [index, { name }] of texts.entries()) values.set(name, split[index]!);
    for (const [index, { name }] of numbers.entries()) values.set(name, numbersOf(chunk, index + 2));
    yield {
      rows: chunk.rowCount,
      columns: values,
      rowNumber: (row) => rowNumbers[row]!,
      place: (row) => place(rowNumbers[row]!),
    };
  }
}

/** The staged rows in order of time, equal times in file order, cleaned batch by batch. */
export async function* cleanedBatches(
  staged: Staged,
  cleaner: Cleaner,
): AsyncGenerator<readonly LabelledTransaction[]> {
  for await (const batch of batchesOf(staged, staged.table)) yield cleaner.accept(batch);
}

/** Event times in order. */
export async function eventTimes(mapping: DatasetMapping, staged: Staged): Promise<Float64Array> {
  const { time } = mapping.fields;
  const column = staged.columns.find(({ name }) => name === time.column)!; // required
  const result = await staged.connection.stream(
    `SELECT ${asNumber(column)} FROM ${staged.table} WHERE ${identifier(time.column)} IS NOT NULL ORDER BY 1`,
  );
  const times = new Float64Array(staged.rows);
  let count = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    times.set(numbersOf(chunk, 0), count);
    count += chunk.rowCount;
  }
  const found = times.subarray(0, count);
  return 'unitMs' in time ? found.map((value) => Math.round(time.originMs + value * time.unitMs)) : found;
}

/** See the port. */
export async function* sampledBatches(
  mapping: DatasetMapping,
  staged: Staged,
  most: number,
  beforeMs: number,
): AsyncGenerator<readonly LabelledTransaction[]> {
  const { time } = mapping.fields;
  const column = identifier(time.column);
  const bound = 'unitMs' in time ? String((beforeMs - time.originMs) / time.unitMs) : `epoch_ms(${beforeMs})`;
  const before = `${column} < ${bound}`;
  const rows = await scalar(staged.connection, `SELECT count(*) FROM ${staged.table} WHERE ${before}`);
  const step = Math.max(1, Math.ceil(rows / most));
  await staged.connection.run(
    `CREATE OR REPLACE TEMP TABLE sampled AS SELECT row FROM
       (SELECT rowid AS row, row_number() OVER (ORDER BY ${column}, rowid) AS place FROM ${staged.table} WHERE ${before})
     WHERE place % ${step} = 0`,
  );
  const cleaner = createCleaner(mapping, staged);
  const order = `WHERE rowid IN (SELECT row FROM sampled) ORDER BY ${column}, rowid`;
  for await (const batch of batchesOf(staged, `${staged.table} ${order}`)) yield cleaner.accept(batch);
}
