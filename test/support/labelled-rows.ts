/** Small labelled tables for the tests of trees and learners. */
import { createRandom } from '../../src/stats/random.ts';

export interface LabelledTable {
  readonly columns: Float64Array[];
  readonly labels: Uint8Array;
}

/** Normal features; fraud when a noisy function of the first three is high. `missing` is a share of empty cells. */
export function aLabelledTable({ rows = 400, features = 4, seed = 1, missing = 0 } = {}): LabelledTable {
  const random = createRandom(seed);
  const columns = Array.from({ length: features }, () => Float64Array.from({ length: rows }, () => random.normal()));
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const [a = 0, b = 0, c = 0] = columns.map((column) => column[row]!);
    return a * b + c + 0.5 * random.normal() > 0.7 ? 1 : 0;
  });
  for (const column of columns) {
    for (let row = 0; row < rows; row++) if (random.next() < missing) column[row] = NaN;
  }
  return { columns, labels };
}

export const rowOf = (columns: readonly Float64Array[], row: number): Float64Array =>
  Float64Array.from(columns, (column) => column[row]!);
