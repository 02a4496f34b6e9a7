/** A seeded table in the shape of payments: amounts, counts, shares, flags and gaps, and few frauds in the tails. */
import { exp } from '../src/stats/elementary.ts';
import { createRandom, type Random } from '../src/stats/random.ts';

/** Kinds of columns, in turn. */
const COLUMNS: readonly ((random: Random) => number)[] = [
  (random) => random.normal(),
  (random) => exp(1.5 * random.normal()),
  (random) => random.next(),
  (random) => random.poisson(2),
  (random) => (random.next() < 0.15 ? NaN : random.normal()),
  (random) => (random.next() < 0.1 ? 1 : 0),
  (random) => random.exponential(3),
  (random) => Math.floor(40 * random.next() ** 2),
];
/** Margin of a payment without signs of fraud; about three frauds in a hundred payments in all. */
const BASE_MARGIN = -5.5;

/** At least eight features; the first sixteen matter, alone and together. */
export function aPaymentTable(rows: number, features: number, seed: number) {
  const random = createRandom(seed);
  const columns = Array.from({ length: features }, (_, feature) => {
    const draw = COLUMNS[feature % COLUMNS.length]!;
    return Float64Array.from({ length: rows }, () => draw(random));
  });
  const at = (feature: number, row: number): number => columns[feature % features]![row]!;
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const habit = 0.8 * at(0, row) + 0.5 * at(0, row) * at(8, row) + 1.2 * at(5, row);
    const amount = at(1, row) > 8 ? 2.5 : 0.1 * at(1, row);
    const velocity = at(3, row) >= 5 ? 1.5 + at(10, row) : 0;
    const gap = Number.isNaN(at(4, row)) ? 1 : 0.3 * at(4, row) ** 2;
    const margin = BASE_MARGIN + habit + amount + velocity + gap + (at(6, row) > 9 ? 1.5 : 0) - 0.4 * at(11, row);
    return random.next() < 1 / (1 + exp(-margin)) ? 1 : 0;
  });
  return { columns, labels };
}
