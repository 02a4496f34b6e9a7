/** A data set becomes feature rows, a batch at a time, through the same functions that serve live payments. */
import { type ReplayEvent } from '../datasets/replay-order.ts';
import { type RateTable } from '../domain/money.ts';
import { createFeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { createDatasetReplay } from './replay-dataset.ts';

/** Features of consecutive payments in order of time. */
export interface FeatureRows {
  readonly transactionIds: readonly string[];
  /** One a feature, in catalogue order, each [payments]. */
  readonly values: readonly Float64Array[];
}

/** Yields every payment of `batches` once, in its order; memory is that of the profiles. */
export async function* buildFeatures(
  batches: AsyncIterable<readonly ReplayEvent[]>,
  settings: FeatureSettings,
  rates: RateTable,
): AsyncGenerator<FeatureRows> {
  const engine = createFeatureEngine(settings);
  let transactionIds: string[] = [];
  let values: Float64Array[] = [];
  const replay = createDatasetReplay(engine, rates, (arrival, vector) => {
    const row = transactionIds.push(arrival.transaction.transactionId) - 1;
    for (let index = 0; index < vector.length; index++) values[index]![row] = vector[index]!;
  });
  for await (const batch of batches) {
    const payments = batch.reduce((sum, { type }) => sum + (type === 'payment' ? 1 : 0), 0);
    transactionIds = [];
    values = engine.catalogue.features.map(() => new Float64Array(payments));
    for (const event of batch) replay(event);
    if (payments > 0) yield { transactionIds, values };
  }
}
