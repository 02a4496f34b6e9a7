/** Texts of a row, from one column, several, or none, as a mapping says. */
import { DAY_MS } from '../domain/time.ts';
import { type ColumnBatch, type NumberValues, type TextValues } from './column-batch.ts';
import { type KeyPart, type TextSource } from './mapping.ts';

/** Under this name the reader hands over the fingerprints of rows. */
export const FINGERPRINT_COLUMN = '__fingerprint';

export type ReadText = (row: number) => string | undefined;
export type ReadNumber = (row: number) => number;

const absentText: ReadText = () => undefined;
const absentNumber: ReadNumber = () => NaN;

/** The texts of a column that is mapped as text; all absent when the file lacks it. */
export function columnTexts(batch: ColumnBatch, column: string | undefined): ReadText {
  const values = column === undefined ? undefined : (batch.columns.get(column) as TextValues | undefined); // as mapped
  return values === undefined ? absentText : (row) => values[row];
}

/** The numbers of a column that is not mapped as text; NaN when the file lacks it. */
export function columnNumbers(batch: ColumnBatch, column: string | undefined): ReadNumber {
  const values = column === undefined ? undefined : (batch.columns.get(column) as NumberValues | undefined); // as mapped
  return values === undefined ? absentNumber : (row) => values[row]!;
}

/** One part of a joined id: '' where the cell is empty. */
function partReader(
  batch: ColumnBatch,
  { column, countsDays }: KeyPart,
  readTimeMs: ReadNumber,
): (row: number) => string {
  if (!(batch.columns.get(column) instanceof Float64Array)) {
    const read = columnTexts(batch, column);
    return (row) => read(row) ?? '';
  }
  const read = columnNumbers(batch, column);
  return (row) => {
    const value = read(row);
    if (Number.isNaN(value)) return '';
    return String(countsDays === true ? Math.floor(readTimeMs(row) / DAY_MS) - value : value);
  };
}

/** The texts of `source`; `readTimeMs` gives the event time of a row. */
export function textReader(batch: ColumnBatch, source: TextSource | undefined, readTimeMs: ReadNumber): ReadText {
  if (source === undefined) return absentText;
  if ('constant' in source) return () => source.constant;
  if ('fingerprint' in source) return columnTexts(batch, FINGERPRINT_COLUMN);
  if ('column' in source) return columnTexts(batch, source.column);
  const parts = source.parts.map((part) => partReader(batch, part, readTimeMs));
  return (row) => {
    const texts = parts.map((read) => read(row));
    return texts.every((text) => text === '') ? undefined : texts.join('_');
  };
}

/** Names `source` in an error. */
export function sourceName(source: TextSource): string {
  if ('column' in source) return source.column;
  if ('parts' in source) return source.parts.map(({ column }) => column).join(' ');
  return 'constant' in source ? source.constant : FINGERPRINT_COLUMN;
}

/** Whether any text of the mapping is the fingerprint of its row, and which word stands before it. */
export function fingerprintWord(sources: readonly TextSource[]): string | undefined {
  for (const source of sources) if ('fingerprint' in source) return source.fingerprint;
  return undefined;
}
