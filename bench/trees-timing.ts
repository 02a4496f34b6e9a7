/** Times scoring and explaining of rows by the tree engine, one at a time and a table at a time; see trees-rivals.py. */
import { performance } from 'node:perf_hooks';
import { contributionsOf, marginsOf } from '../src/learners/margins.ts';
import { type Columns, type Model } from '../src/learners/protocol.ts';

/** Microseconds a row on one thread, of the best of a few repetitions; null where an engine cannot do it. */
export interface RowCosts {
  readonly scoreRowUs: number | null;
  readonly scoreBatchUs: number | null;
  readonly explainRowUs: number | null;
  readonly explainBatchUs: number | null;
}

/** Rows scored at a time, and rows explained at a time. */
const SCORED = 10_000;
const EXPLAINED = 500;
const REPETITIONS = 5;
const US_PER_MS = 1_000;

function bestUs(rows: number, work: () => void): number {
  let best = Infinity;
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const began = performance.now();
    work();
    best = Math.min(best, performance.now() - began);
  }
  return (best * US_PER_MS) / rows;
}

const head = ({ names, values }: Columns, rows: number): Columns => {
  const columns = values.map((column) => column.slice(0, rows));
  return { names, rows: columns[0]!.length, values: columns };
};

export function timeRows(model: Model, test: Columns): RowCosts {
  const [scored, explained] = [head(test, SCORED), head(test, EXPLAINED)];
  const rows = Array.from({ length: scored.rows }, (_, row) =>
    Float64Array.from(scored.values, (column) => column[row]!),
  );
  const out = new Float64Array(model.featureCount);
  return {
    scoreRowUs: bestUs(rows.length, () => rows.forEach((row) => model.margin(row))),
    scoreBatchUs: bestUs(scored.rows, () => marginsOf(model, scored)),
    explainRowUs: bestUs(explained.rows, () => {
      for (const row of rows.slice(0, explained.rows)) {
        out.fill(0);
        model.addContributions(row, out, 1);
      }
    }),
    explainBatchUs: bestUs(explained.rows, () => contributionsOf(model, explained)),
  };
}
