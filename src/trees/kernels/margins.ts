/** Adds a tree to the margins of the rows. */
import {
  COLUMN_BYTES,
  COLUMN_CELLS,
  COLUMN_CODES,
  COLUMN_WIDTH,
  COLUMNS,
  DRAWN,
  MARGINS,
  NODE_BEGIN,
  NODE_END,
  NODE_FEATURE,
  NODE_LAST_LEFT,
  NODE_MISSING_LEFT,
  NODE_SET,
  NODE_VALUE,
  ORDER,
} from '../job.ts';
import { isCategorical, isIn } from './categories.ts';
import { shareBegin, shareEnd } from './team.ts';

/** Adds a leaf's value to this thread's share of the rows that were parted to it. */
export function addLeaf(node: usize): void {
  const drawn = load<u32>(DRAWN);
  const begin = max(load<u32>(node + NODE_BEGIN), shareBegin(drawn));
  const end = min(load<u32>(node + NODE_END), shareEnd(drawn));
  const value = load<f64>(node + NODE_VALUE);
  const order = load<usize>(ORDER);
  const margins = load<usize>(MARGINS);
  for (let index = begin; index < end; index++) {
    const margin = margins + (load<usize>(order + ((<usize>index) << 2)) << 3);
    store<f64>(margin, load<f64>(margin) + value);
  }
}

/** Whether a row goes right at the test of `node`. */
export function goesRight(node: usize, row: u32): bool {
  const feature = load<u32>(node + NODE_FEATURE);
  const column = load<usize>(COLUMNS) + feature * COLUMN_BYTES;
  const codes = load<usize>(column + COLUMN_CODES);
  const code =
    load<u32>(column + COLUMN_WIDTH) == 2 ? <u32>load<u16>(codes + ((<usize>row) << 1)) : <u32>load<u8>(codes + row);
  if (isCategorical(feature)) return !isIn(node + NODE_SET, code);
  if (code == load<u32>(column + COLUMN_CELLS) - 1) return load<u32>(node + NODE_MISSING_LEFT) == 0;
  return code > load<u32>(node + NODE_LAST_LEFT);
}

export function addToMargin(row: u32, value: f64): void {
  const margin = load<usize>(MARGINS) + ((<usize>row) << 3);
  store<f64>(margin, load<f64>(margin) + value);
}
