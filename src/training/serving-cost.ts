/** What one decision costs with a model: margin and exact contributions, timed on real rows. */
import { type Model } from '../learners/protocol.ts';
import { quantile } from '../stats/quantile.ts';
import { spreadRows } from './importance.ts';
import { type TrainingTable } from './table.ts';

/** Rows timed, spread over the table, in chunks that are timed as one. */
const TIMED_ROWS = 256;
const CHUNK_ROWS = 16;
/** Passes over the rows at most: by then the code is compiled. */
const MOST_PASSES = 12;
/** A slow model is timed for so long of its own time, pauses of the processor left out, and no longer. */
const PATIENCE_US = 1_500_000;
/** Timed however slow: one of them is free of pauses. */
const LEAST_CHUNKS = 4;

/** A function giving microseconds a payment; `monotonicUs` is the clock to time with. */
export function createCostMeter(table: TrainingTable, monotonicUs: () => number): (model: Model) => number {
  const rows = Array.from(spreadRows(table.rows, TIMED_ROWS), (row) =>
    Float64Array.from(table.values, (column) => column[row]!),
  );
  return (model) => {
    const contributions = new Float64Array(model.featureCount);
    const costs: number[] = [];
    let cheapest = Infinity;
    const isEnough = (): boolean => costs.length >= LEAST_CHUNKS && costs.length * CHUNK_ROWS * cheapest >= PATIENCE_US;
    for (let from = 0; from < MOST_PASSES * rows.length && !isEnough(); from += CHUNK_ROWS) {
      const fromUs = monotonicUs();
      for (let i = from; i < from + CHUNK_ROWS; i++) {
        const row = rows[i % rows.length]!;
        model.margin(row);
        if (!model.isUnexplained) model.addContributions(row, contributions.fill(0), 1);
      }
      const cost = (monotonicUs() - fromUs) / CHUNK_ROWS;
      costs.push(cost);
      cheapest = Math.min(cheapest, cost);
    }
    // The later half runs compiled; its median is free of pauses.
    return quantile(
      costs.slice(costs.length >> 1).sort((a, b) => a - b),
      0.5,
    );
  };
}
