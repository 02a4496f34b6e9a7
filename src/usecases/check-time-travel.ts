/** Holds a data set's table against what was knowable at each payment's time. */
import { type RateTable } from '../domain/money.ts';
import { createFeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { type ComputeFeatures, requireNoFuture } from '../training/time-travel.ts';
import { type DatasetTable } from './build-training-table.ts';
import { createDatasetReplay } from './replay-dataset.ts';

/** The features of a history by a replay of it from nothing. */
export function replayedFeatures(settings: FeatureSettings, rates: RateTable): ComputeFeatures {
  return (events) => {
    const engine = createFeatureEngine(settings);
    const { features } = engine.catalogue;
    const payments = events.filter(({ type }) => type === 'payment').length;
    const values = features.map(() => new Float64Array(payments));
    const transactionIds: string[] = [];
    const replay = createDatasetReplay(engine, rates, ({ transaction }, vector) => {
      for (let column = 0; column < values.length; column++) values[column]![transactionIds.length] = vector[column]!;
      transactionIds.push(transaction.transactionId);
    });
    for (const event of events) replay(event);
    return { names: features.map(({ name }) => name), transactionIds, values };
  };
}

/** Throws FEATURE_KNOWS_FUTURE when a feature of the table's first payments is not what their past gives. */
export function requireKnowable(table: DatasetTable, settings: FeatureSettings, seed: number): void {
  if (table.history === undefined) return;
  const { events, rates } = table.history;
  requireNoFuture(replayedFeatures(settings, rates), events, seed, table);
}
