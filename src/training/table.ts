/** The rows a model is trained from: raw feature columns with what became of each payment, in time order. */
import { SentinelError } from '../domain/errors.ts';
import { DAY_MS } from '../domain/time.ts';
import { type FeatureDefinition } from '../features/feature.ts';
import { type TrainingSet } from '../learners/protocol.ts';

export interface TrainingTable extends TrainingSet {
  /** How each column is to be read, as in the feature catalogue. */
  readonly kinds: readonly FeatureDefinition['kind'][];
  /** After how long each column comes round, for those read from the calendar alone; absent: none does. */
  readonly cyclesMs?: readonly (number | undefined)[];
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

/** The rows named, in that order: a view of the table where they are consecutive, else a copy. Nothing may write to it. */
export function takeRows(table: TrainingTable, rows: Uint32Array): TrainingTable {
  const first = rows[0] ?? 0;
  const isBlock = rows.every((row, i) => row === first + i);
  function take<Column extends Float64Array | Uint32Array | Uint8Array>(column: Column, empty: Column): Column {
    if (isBlock) return column.subarray(first, first + rows.length) as Column; // subarray keeps the kind of array
    for (let i = 0; i < rows.length; i++) empty[i] = column[rows[i]!]!;
    return empty;
  }
  const numbers = (column: Float64Array): Float64Array => take(column, new Float64Array(isBlock ? 0 : rows.length));
  return {
    names: table.names,
    kinds: table.kinds,
    ...(table.cyclesMs === undefined ? {} : { cyclesMs: table.cyclesMs }),
    rows: rows.length,
    values: table.values.map(numbers),
    labels: take(table.labels, new Uint8Array(isBlock ? 0 : rows.length)),
    ...(table.weights === undefined ? {} : { weights: numbers(table.weights) }),
    ...(table.labelsKnownMs === undefined ? {} : { labelsKnownMs: numbers(table.labelsKnownMs) }),
    timesMs: numbers(table.timesMs),
    amounts: numbers(table.amounts),
    customers: take(table.customers, new Uint32Array(isBlock ? 0 : rows.length)),
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

/** The same rows with these columns only; RangeError for one the table has not. */
export function takeColumns(table: TrainingTable, names: readonly string[]): TrainingTable {
  const columns = names.map((name) => {
    const column = table.names.indexOf(name);
    if (column < 0) throw new RangeError(`the table has no column ${name}`);
    return column;
  });
  return {
    ...table,
    names,
    kinds: columns.map((column) => table.kinds[column]!),
    values: columns.map((column) => table.values[column]!),
    ...(table.cyclesMs && { cyclesMs: columns.map((column) => table.cyclesMs![column]) }),
  };
}
