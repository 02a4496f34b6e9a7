/** Parts the rows of a node by a test, each side in its old order. */
import { COLUMN_BYTES, COLUMN_CELLS, COLUMN_CODES, COLUMN_WIDTH, COLUMNS } from '../job.ts';
import { isIn } from './categories.ts';

/**
 * Writes the rows at `from` whose code is at most `lastLeft` (and, if told, those without a value) to `left`, the
 * others to `right`; returns how many went left. `left` may be `from`.
 */
export function part(
  from: usize,
  count: u32,
  feature: i32,
  lastLeft: u32,
  missingLeft: bool,
  left: usize,
  right: usize,
): u32 {
  const column = load<usize>(COLUMNS) + feature * COLUMN_BYTES;
  const codes = load<usize>(column + COLUMN_CODES);
  const missing: u32 = missingLeft ? load<u32>(column + COLUMN_CELLS) - 1 : u32.MAX_VALUE;
  return load<u32>(column + COLUMN_WIDTH) == 2
    ? partWords(from, count, codes, lastLeft, missing, left, right)
    : partBytes(from, count, codes, lastLeft, missing, left, right);
}

// Without a branch on the code: every row is written to both sides, and one of the two moves on.

function partBytes(from: usize, count: u32, codes: usize, last: u32, missing: u32, left: usize, right: usize): u32 {
  const begin = left;
  const end = from + ((<usize>count) << 2);
  for (let name = from; name < end; name += 4) {
    const row = load<u32>(name);
    const code = <u32>load<u8>(codes + row);
    const goesLeft = (<usize>(u32(code <= last) | u32(code == missing))) << 2;
    store<u32>(left, row);
    store<u32>(right, row);
    left += goesLeft;
    right += 4 - goesLeft;
  }
  return <u32>((left - begin) >> 2);
}

function partWords(from: usize, count: u32, codes: usize, last: u32, missing: u32, left: usize, right: usize): u32 {
  const begin = left;
  const end = from + ((<usize>count) << 2);
  for (let name = from; name < end; name += 4) {
    const row = load<u32>(name);
    const code = <u32>load<u16>(codes + ((<usize>row) << 1));
    const goesLeft = (<usize>(u32(code <= last) | u32(code == missing))) << 2;
    store<u32>(left, row);
    store<u32>(right, row);
    left += goesLeft;
    right += 4 - goesLeft;
  }
  return <u32>((left - begin) >> 2);
}

/** The same by a set of codes that go left; categorical columns take a byte a code. */
export function partBySet(from: usize, count: u32, feature: i32, set: usize, left: usize, right: usize): u32 {
  const codes = load<usize>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CODES);
  const begin = left;
  const end = from + ((<usize>count) << 2);
  for (let name = from; name < end; name += 4) {
    const row = load<u32>(name);
    const goesLeft = (<usize>isIn(set, load<u8>(codes + row))) << 2;
    store<u32>(left, row);
    store<u32>(right, row);
    left += goesLeft;
    right += 4 - goesLeft;
  }
  return <u32>((left - begin) >> 2);
}
