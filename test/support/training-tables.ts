/** Training tables with a known truth: two informative features, one of noise, one of categories. */
import { DAY_MS } from '../../src/domain/time.ts';
import { exp } from '../../src/stats/elementary.ts';
import { createRandom } from '../../src/stats/random.ts';
import { type TrainingTable } from '../../src/training/table.ts';

export interface TableShape {
  readonly rows: number;
  readonly days: number;
  /** Log-odds of fraud when all features are 0. */
  readonly intercept: number;
  readonly seed: number;
  readonly fromMs: number;
}

const DEFAULTS: TableShape = { rows: 4_000, days: 60, intercept: -3.4, seed: 1, fromMs: Date.UTC(2026, 0, 1) };

/** Rows spread evenly over the days; fraud with log-odds intercept + 2 strong + 0.8 weak + 1 for category 3. */
export function aTrainingTable(overrides: Partial<TableShape> = {}): TrainingTable {
  const { rows, days, intercept, seed, fromMs } = { ...DEFAULTS, ...overrides };
  const random = createRandom(seed);
  const strong = Float64Array.from({ length: rows }, () => random.normal());
  const weak = Float64Array.from({ length: rows }, () => random.normal());
  const noise = Float64Array.from({ length: rows }, () => (random.next() < 0.1 ? NaN : random.normal()));
  const category = Float64Array.from({ length: rows }, () => random.integer(5));
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const logOdds = intercept + 2 * strong[row]! + 0.8 * weak[row]! + (category[row] === 3 ? 1 : 0);
    return random.next() < 1 / (1 + exp(-logOdds)) ? 1 : 0;
  });
  return {
    names: ['strong', 'weak', 'noise', 'category'],
    kinds: ['numeric', 'numeric', 'numeric', 'category'],
    rows,
    values: [strong, weak, noise, category],
    labels,
    timesMs: Float64Array.from({ length: rows }, (_, row) => fromMs + Math.floor((row * days * DAY_MS) / rows)),
    amounts: Float64Array.from({ length: rows }, () => Math.round(100 * exp(3 + random.normal())) / 100),
    customers: Uint32Array.from({ length: rows }, () => random.integer(Math.ceil(rows / 10))),
  };
}
