/** Staged rows → cleaned payments, a chunk at a time. */
import { type Cleaner } from '../../datasets/cleaning.ts';
import { type ColumnBatch, type NumberValues, type TextValues } from '../../datasets/column-batch.ts';
import { type DatasetMapping, type MappedColumn } from '../../datasets/mapping.ts';
import { type LabelledTransaction } from '../../domain/labelled-transaction.ts';
import { identifier } from './engine.ts';
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

/** The staged rows in order of time, equal times in file order, cleaned batch by batch. */
export async function* cleanedBatches(
  mapping: DatasetMapping,
  staged: Staged,
  cleaner: Cleaner,
): AsyncGenerator<readonly LabelledTransaction[]> {
  const { place } = staged;
  const texts = [...staged.columns.filter(isText), ...staged.made];
  const numbers = staged.columns.filter((column) => !isText(column));
  const order = staged.unsorted > 0 ? `ORDER BY ${identifier(mapping.fields.time.column)} NULLS FIRST, rowid` : '';
  const result = await staged.connection.stream(
    `SELECT ${[joinedTexts(texts), 'rowid::DOUBLE', ...numbers.map(asNumber)].join(', ')} FROM ${staged.table} ${order}`,
  );
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const rowNumbers = numbersOf(chunk, 1);
    const values = new Map<string, TextValues | NumberValues>();
    const split = splitTexts(textsOf(chunk, 0), texts.length);
    for (const [index, { name }] of texts.entries()) values.set(name, split[index]!);
    for (const [index, { name }] of numbers.entries()) values.set(name, numbersOf(chunk, index + 2));
    const batch: ColumnBatch = {
      rows: chunk.rowCount,
      columns: values,
      rowNumber: (row) => rowNumbers[row]!,
      place: (row) => place(rowNumbers[row]!),
    };
    yield cleaner.accept(batch);
  }
}
