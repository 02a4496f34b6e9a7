/** What one decision costs with a model: margin and exact contributions, timed on real rows. */
import { type Model } from '../learners/protocol.ts';
import { type TrainingTable } from './table.ts';

/** Rows timed, spread over the table. */
const TIMED_ROWS = 256;
/** Passes over them; the first warm the code, the least of the others is the cost without disturbance. */
const PASSES = 6;

/** A function giving microseconds a payment; `monotonicUs` is the clock to time with. */
export function createCostMeter(table: TrainingTable, monotonicUs: () => number): (model: Model) => number {
  const count = Math.min(TIMED_ROWS, table.rows);
  const rows = Array.from({ length: count }, (_, i) => {
    const row = Math.floor((i * table.rows) / count);
    return Float64Array.from(table.values, (column) => column[row]!);
  });
  return (model) => {
    const contributions = new Float64Array(model.featureCount);
    let least = Infinity;
    for (let pass = 0; pass < PASSES; pass++) {
      const fromUs = monotonicUs();
      for (const row of rows) {
        model.margin(row);
        model.addContributions(row, contributions.fill(0), 1);
      }
      const passUs = monotonicUs() - fromUs;
      if (pass > 0) least = Math.min(least, passUs);
    }
    return least / count;
  };
}
