/** Staged rows → cleaned payments, a chunk at a time. */
import { type Cleaner } from '../../datasets/cleaning.ts';
import { type ColumnBatch, type NumberValues, type TextValues } from '../../datasets/column-batch.ts';
import { type DatasetMapping, type MappedColumn } from '../../datasets/mapping.ts';
import { type LabelledTransaction } from '../../domain/labelled-transaction.ts';
import { identifier } from './engine.ts';
import { type Staged } from './staging.ts';
import { numbersOf, textsOf } from './vectors.ts';

/** A staged column as DOUBLE without NULL, or as VARCHAR. */
function selected({ name, type }: MappedColumn): string {
  const cell = identifier(name);
  if (type === 'text') return cell;
  const value = type === 'timestamp' ? `epoch_ms(${cell})` : cell;
  return `COALESCE(CAST(${value} AS DOUBLE), 'nan'::DOUBLE)`;
}

/** The staged rows in order of time, equal times in file order, cleaned batch by batch. */
export async function* cleanedBatches(
  mapping: DatasetMapping,
  staged: Staged,
  cleaner: Cleaner,
): AsyncGenerator<readonly LabelledTransaction[]> {
  const { columns, place } = staged;
  const order = staged.unsorted > 0 ? `ORDER BY ${identifier(mapping.fields.time.column)} NULLS FIRST, rowid` : '';
  const result = await staged.connection.stream(
    `SELECT rowid::DOUBLE, ${columns.map(selected).join(', ')} FROM ${staged.table} ${order}`,
  );
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const rowNumbers = numbersOf(chunk, 0);
    const values = new Map<string, TextValues | NumberValues>();
    for (const [index, { name, type }] of columns.entries()) {
      values.set(name, type === 'text' ? textsOf(chunk, index + 1) : numbersOf(chunk, index + 1));
    }
    const batch: ColumnBatch = {
      rows: chunk.rowCount,
      columns: values,
      rowNumber: (row) => rowNumbers[row]!,
      place: (row) => place(rowNumbers[row]!),
    };
    yield cleaner.accept(batch);
  }
}
