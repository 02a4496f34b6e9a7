/** A data set becomes the table a model is trained from, through the same feature functions that serve live payments. */
import { type ReplayEvent } from '../datasets/replay-order.ts';
import { decimalsOf, type RateTable } from '../domain/money.ts';
import { type Arrival } from '../domain/transaction.ts';
import { createFeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { takeRows, type TrainingTable } from '../training/table.ts';
import { createDatasetReplay } from './replay-dataset.ts';

export interface DatasetTable extends TrainingTable {
  readonly transactionIds: readonly string[];
  /** When each label was known, epoch milliseconds. */
  readonly labelsKnownMs: Float64Array;
  /** Name of the campaign behind each fraud, '' otherwise; for reports only. */
  readonly campaigns: readonly string[];
  /** The beginning of what was replayed, to check the features against. */
  readonly history?: History;
}

export interface History {
  readonly events: readonly ReplayEvent[];
  readonly rates: RateTable;
}

/** Events kept as history: half a second of replays to check. */
const HISTORY_EVENTS = 4_000;

export interface BuildOptions {
  readonly settings: FeatureSettings;
  readonly rates: RateTable;
  /** Rows to keep; all are replayed, since each is history for those after it. */
  readonly keep?: (arrival: Arrival) => boolean;
  /** How many there will be, about: a table then takes no more memory than its values. */
  readonly expectedRows?: number;
  readonly onRows?: (rows: number) => void;
}

/** A column that has room for as many values as are expected, and grows by doubling when there are more. */
class GrowingColumn {
  private values: Float64Array;
  private length = 0;

  constructor(expected: number) {
    this.values = new Float64Array(Math.max(1, expected)); // memory is taken as it is written to
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  /** The values pushed. */
  finish(): Float64Array {
    return this.values.subarray(0, this.length);
  }
}

/** Rows in event-time order; payments whose label the data does not hold count as genuine, as silence does. */
export async function buildTrainingTable(
  batches: AsyncIterable<readonly ReplayEvent[]>,
  options: BuildOptions,
): Promise<DatasetTable> {
  const engine = createFeatureEngine(options.settings);
  const { features } = engine.catalogue;
  const column = (): GrowingColumn => new GrowingColumn(options.expectedRows ?? 1 << 12);
  const columns = features.map(column);
  const [labels, timesMs, amounts, labelsKnownMs, customers] = Array.from({ length: 5 }, column);
  const customerNumbers = new Map<string, number>();
  const transactionIds: string[] = [];
  const campaigns: string[] = [];
  const minorPerMajor = 10 ** decimalsOf(options.rates.base);
  const events: ReplayEvent[] = [];
  let replayed = 0;

  const replay = createDatasetReplay(engine, options.rates, (arrival, vector, label) => {
    replayed++;
    if (options.keep?.(arrival) === false) return;
    for (let index = 0; index < columns.length; index++) columns[index]!.push(vector[index]!);
    const { transaction } = arrival;
    labels!.push(label?.isFraud === true ? 1 : 0);
    timesMs!.push(transaction.eventTimeMs);
    amounts!.push(arrival.amountBaseMinor / minorPerMajor);
    labelsKnownMs!.push(label?.arrivalMs ?? transaction.eventTimeMs + options.settings.labelDelayMs);
    const customer = customerNumbers.get(transaction.userId) ?? customerNumbers.size;
    customerNumbers.set(transaction.userId, customer);
    customers!.push(customer);
    transactionIds.push(transaction.transactionId);
    campaigns.push(label?.campaign ?? '');
  });
  for await (const batch of batches) {
    for (const event of batch) {
      replay(event);
      if (events.length < HISTORY_EVENTS) events.push(event);
    }
    options.onRows?.(replayed);
  }
  return {
    names: features.map(({ name }) => name),
    kinds: features.map(({ kind }) => kind),
    cyclesMs: features.map(({ cycleMs }) => cycleMs),
    rows: transactionIds.length,
    values: columns.map((each) => each.finish()),
    labels: Uint8Array.from(labels!.finish()),
    timesMs: timesMs!.finish(),
    amounts: amounts!.finish(),
    labelsKnownMs: labelsKnownMs!.finish(),
    customers: Uint32Array.from(customers!.finish()),
    transactionIds,
    campaigns,
    history: { events, rates: options.rates },
  };
}

/** Copies the rows named, in that order, with all that the data set says of them. */
export function takeDatasetRows(table: DatasetTable, rows: Uint32Array): DatasetTable {
  return {
    ...takeRows(table, rows),
    labelsKnownMs: Float64Array.from(rows, (row) => table.labelsKnownMs[row]!),
    transactionIds: Array.from(rows, (row) => table.transactionIds[row]!),
    campaigns: Array.from(rows, (row) => table.campaigns[row]!),
    ...(table.history !== undefined && { history: table.history }),
  };
}
