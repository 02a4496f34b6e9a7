/** From what size of a fit other threads pay: the same fits on one thread and on several, turn by turn in one process. */
import { performance } from 'node:perf_hooks';
import { boost } from '../src/trees/boost.ts';
import { growForest } from '../src/trees/forest.ts';
import { boostingParameters, forestParameters } from '../src/trees/params.ts';
import { aPaymentTable } from './trees-data.ts';

export interface ThreadFigures {
  readonly fit: 'boosting' | 'forest';
  /** Rows times features times trees: what the engine decides by. */
  readonly cells: number;
  /** Least of a few repetitions, milliseconds. */
  readonly aloneMs: number;
  readonly togetherMs: number;
}

const FEATURES = 20;
const BOOSTING_ROUNDS = 50;
const FOREST_TREES = 20;
const ROWS = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000];
const REPETITIONS = 5;

/** Takes a few seconds; `onProgress` is told the share that is done. */
export function benchThreads(threads: number, onProgress: (share: number) => void): readonly ThreadFigures[] {
  const boosting = boostingParameters({ rounds: BOOSTING_ROUNDS });
  const forest = forestParameters({ trees: FOREST_TREES, maximumDepth: 12 });
  const sizes = ROWS.map((rows) => aPaymentTable(rows, FEATURES, 1));
  const kinds = [
    ['boosting', BOOSTING_ROUNDS, (table: Table, count: number) => boost(table, boosting, 1, undefined, count)],
    ['forest', FOREST_TREES, (table: Table, count: number) => growForest(table, forest, 1, count)],
  ] as const;
  const figures: ThreadFigures[] = [];
  for (const [fit, trees, run] of kinds) {
    // The first fit starts the threads, which later ones find.
    run(sizes.at(-1)!, threads);
    for (const table of sizes) {
      let [aloneMs, togetherMs] = [Infinity, Infinity];
      for (let repetition = 0; repetition < REPETITIONS; repetition++) {
        aloneMs = Math.min(
          aloneMs,
          timeOf(() => run(table, 1)),
        );
        togetherMs = Math.min(
          togetherMs,
          timeOf(() => run(table, threads)),
        );
      }
      figures.push({ fit, cells: table.labels.length * FEATURES * trees, aloneMs, togetherMs });
      onProgress(figures.length / (kinds.length * sizes.length));
    }
  }
  return figures;
}

type Table = ReturnType<typeof aPaymentTable>;

function timeOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
