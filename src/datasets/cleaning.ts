/** Keeps the usable rows of a data set and counts what became of the others. */
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type RateTable } from '../domain/money.ts';
import { type ColumnBatch } from './column-batch.ts';
import { DROP_REASONS, type DropReason, REPAIR_REASONS, type RepairReason } from './cleaning-reasons.ts';
import { createDecoder } from './decode.ts';
import { type DatasetMapping } from './mapping.ts';

export interface CleaningReport {
  readonly rowsRead: number;
  readonly rowsKept: number;
  readonly frauds: number;
  /** Rows kept whose label cell was empty. */
  readonly unlabelled: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** A row repaired twice counts under both reasons. */
  readonly repaired: Readonly<Record<RepairReason, number>>;
}

export interface Cleaner {
  /** The rows of the batch that are kept, in order; DATA_INVALID at the first row that does not parse. */
  accept(batch: ColumnBatch): readonly LabelledTransaction[];
  /** Row numbers dropped so far, in order of arrival. */
  droppedRows(): readonly number[];
  report(): CleaningReport;
}

function zeroes<K extends string>(table: Readonly<Record<K, string>>): Record<K, number> {
  return Object.fromEntries(Object.keys(table).map((key) => [key, 0])) as Record<K, number>;
}

/**
 * Cleans batches that come in order of time. `repeatedIds` are the transaction ids that occur more than once: only
 * those are remembered, so memory does not grow with rows. `unsorted`: rows the reader had to move. `unmatched`: rows of
 * a second file that belong to no payment. With `rates`, a payment in a currency that has none is DATA_INVALID.
 */
export function createCleaner(
  mapping: DatasetMapping,
  survey: {
    readonly repeatedIds: ReadonlySet<string>;
    readonly unsorted: number;
    readonly unmatched?: number;
  },
  rates?: RateTable,
): Cleaner {
  const decode = createDecoder(mapping, rates);
  const dropped = zeroes(DROP_REASONS);
  const repaired = zeroes(REPAIR_REASONS);
  repaired.unsorted = survey.unsorted;
  repaired['completion-unmatched'] = survey.unmatched ?? 0;
  const droppedRows: number[] = [];
  const firstContents = new Map<string, string>();
  let rowsRead = 0;
  let rowsKept = 0;
  let frauds = 0;
  let unlabelled = 0;

  function repetition(row: LabelledTransaction): DropReason | undefined {
    const id = row.transaction.transactionId;
    if (!survey.repeatedIds.has(id)) return undefined;
    const content = JSON.stringify(row);
    const first = firstContents.get(id);
    if (first === undefined) firstContents.set(id, content);
    else return first === content ? 'exact-duplicate' : 'id-reused';
    return undefined;
  }

  return {
    accept(batch) {
      const kept: LabelledTransaction[] = [];
      const decoded = decode(batch, (reason) => repaired[reason]++);
      rowsRead += batch.rows;
      for (let index = 0; index < decoded.length; index++) {
        const row = decoded[index]!;
        const reason = typeof row === 'string' ? row : repetition(row);
        if (reason !== undefined) {
          dropped[reason]++;
          droppedRows.push(batch.rowNumber(index));
          continue;
        }
        const accepted = row as LabelledTransaction; // a string has a reason
        kept.push(accepted);
        if (accepted.label === undefined) unlabelled++;
        else if (accepted.label.isFraud) frauds++;
      }
      rowsKept += kept.length;
      return kept;
    },
    droppedRows: () => droppedRows,
    report: () => ({ rowsRead, rowsKept, frauds, unlabelled, dropped: { ...dropped }, repaired: { ...repaired } }),
  };
}
