/** The rows a model is trained from: raw feature columns with what became of each payment, in time order. */
import { SentinelError } from '../domain/errors.ts';
import { DAY_MS } from '../domain/time.ts';
import { type FeatureDefinition } from '../features/feature.ts';
import { type TrainingSet } from '../learners/protocol.ts';

export interface TrainingTable extends TrainingSet {
  /** How each column is to be read, as in the feature catalogue. */
  readonly kinds: readonly FeatureDefinition['kind'][];
  /** Event times, epoch milliseconds, never falling. */
  readonly timesMs: Float64Array;
  /** Amounts in major units of the base currency. */
  readonly amounts: Float64Array;
  /** Customer number of each row, 0, 1, 2, …: payments of one customer are resampled and detected together. */
  readonly customers: Uint32Array;
}

/** Refuses with LABELS_INSUFFICIENT a table whose columns differ in length or whose times fall. */
export function requireTable(table: TrainingTable): void {
  const refuse = (problem: string): never => {
    throw new SentinelError('LABELS_INSUFFICIENT', { problem });
  };
  const { rows, names, values, kinds, labels, timesMs, amounts, customers } = table;
  if (rows === 0) refuse('the table has no rows');
  if (names.length !== values.length || names.length !== kinds.length)
    refuse('names, kinds and columns differ in number');
  values.forEach((column, i) => {
    if (column.length !== rows) refuse(`column ${names[i]} has ${column.length} values for ${rows} rows`);
  });
  for (const [name, column] of Object.entries({ labels, timesMs, amounts, customers })) {
    if (column.length !== rows) refuse(`${name} has ${column.length} values for ${rows} rows`);
  }
  for (let row = 1; row < rows; row++) {
    if (!(timesMs[row]! >= timesMs[row - 1]!)) refuse(`row ${row} is earlier than the row before it`);
  }
}

/** Copies the rows named, in that order. */
export function takeRows(table: TrainingTable, rows: Uint32Array): TrainingTable {
  const take = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!);
  return {
    names: table.names,
    kinds: table.kinds,
    rows: rows.length,
    values: table.values.map(take),
    labels: Uint8Array.from(rows, (row) => table.labels[row]!),
    ...(table.weights === undefined ? {} : { weights: take(table.weights) }),
    ...(table.labelsKnownMs === undefined ? {} : { labelsKnownMs: take(table.labelsKnownMs) }),
    timesMs: take(table.timesMs),
    amounts: take(table.amounts),
    customers: Uint32Array.from(rows, (row) => table.customers[row]!),
  };
}

/** How many rows are frauds. */
export function countFrauds(labels: Uint8Array): number {
  let frauds = 0;
  for (const label of labels) frauds += label;
  return frauds;
}

/** UTC day number of each time. */
export function dayNumbers(timesMs: Float64Array): Int32Array {
  return Int32Array.from(timesMs, (time) => Math.floor(time / DAY_MS));
}
