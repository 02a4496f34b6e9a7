/** Which features of the test period no longer look as they did in training. */
import { log } from '../stats/elementary.ts';
import { quantile } from '../stats/quantile.ts';
import { type TrainingTable } from './table.ts';

export interface InputDrift {
  readonly feature: string;
  /** Population stability index: below 0.1 none, to 0.25 moderate, above significant. Source: SPEC section 8. */
  readonly psi: number;
  /** Share of missing values in training and in the test, 0..1. */
  readonly missing: readonly [training: number, test: number];
}

/** Bins by the deciles of training; missing values are a bin of their own. */
const BINS = 10;
/** Share an empty bin is taken to hold, so that one payment more or less does not decide. */
const LEAST_SHARE = 1e-4;

/** Every numeric feature, the most drifted first. */
export function inputDrift(training: TrainingTable, test: TrainingTable): readonly InputDrift[] {
  return training.names
    .flatMap((feature, column) =>
      training.kinds[column] === 'category'
        ? []
        : [{ feature, ...driftOf(training.values[column]!, test.values[column]!) }],
    )
    .sort((a, b) => b.psi - a.psi || (a.feature < b.feature ? -1 : 1));
}

function driftOf(training: Float64Array, test: Float64Array): Omit<InputDrift, 'feature'> {
  const sorted = training.filter((value) => !Number.isNaN(value)).sort();
  const edges = [...new Set(Array.from({ length: BINS - 1 }, (_, i) => quantile(sorted, (i + 1) / BINS)))];
  const [before, after] = [shares(training, edges), shares(test, edges)];
  const psi = before.reduce((sum, share, bin) => {
    const [p, q] = [Math.max(share, LEAST_SHARE), Math.max(after[bin]!, LEAST_SHARE)];
    return sum + (q - p) * log(q / p);
  }, 0);
  return { psi, missing: [before[0]!, after[0]!] };
}

/** Shares of the values missing, and then at or below each edge and above the last. */
function shares(values: Float64Array, edges: readonly number[]): readonly number[] {
  const counts = new Array<number>(edges.length + 2).fill(0);
  for (const value of values) {
    const above = edges.findIndex((edge) => value <= edge);
    counts[Number.isNaN(value) ? 0 : above < 0 ? edges.length + 1 : above + 1]! += 1;
  }
  return counts.map((count) => count / Math.max(1, values.length));
}
