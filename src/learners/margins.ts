/** Margins and contributions of whole tables. */
import { type Columns, type Model } from './protocol.ts';

/** The margin of every row, [rows]. */
export function marginsOf(model: Model, columns: Columns): Float64Array {
  const row = new Float64Array(columns.values.length);
  const margins = new Float64Array(columns.rows);
  for (let index = 0; index < columns.rows; index++) {
    for (let column = 0; column < row.length; column++) row[column] = columns.values[column]![index]!;
    margins[index] = model.margin(row, 0);
  }
  return margins;
}

export interface Contributions {
  /** Mean margin: what the contributions of every row add to. */
  readonly expectedMargin: number;
  /** Shapley values, column-major [features][rows]. */
  readonly values: readonly Float64Array[];
}

/** The exact contributions of every row. */
export function contributionsOf(model: Model, columns: Columns): Contributions {
  const row = new Float64Array(columns.values.length);
  const out = new Float64Array(row.length);
  const values = columns.values.map(() => new Float64Array(columns.rows));
  let expectedMargin = NaN;
  for (let index = 0; index < columns.rows; index++) {
    for (let column = 0; column < row.length; column++) row[column] = columns.values[column]![index]!;
    out.fill(0);
    expectedMargin = model.addContributions(row, out, 1);
    for (let column = 0; column < row.length; column++) values[column]![index] = out[column]!;
  }
  return { expectedMargin, values };
}
