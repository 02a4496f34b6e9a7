/** Margins of whole tables. */
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
