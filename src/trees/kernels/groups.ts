/** Sums the rows of a node by their code of one feature, in ascending order of code. */
import { COLUMN_CELLS, COLUMN_CODES, COLUMN_WIDTH } from '../job.ts';

/** Below this share of rows to cells a node's rows are sorted by code instead of summed into cells. */
const SORT_BELOW_ROWS_PER_CELL: u32 = 4;
/** Row places a sort key leaves room for beside a 16-bit code. */
const MOST_SORTED: u32 = 65_536;
/** Up to this many keys insertion beats counting digits. */
const INSERT_UP_TO: u32 = 40;
const DIGITS: usize = 256;

/** Groups of the last call: how many, f64 [2] sums of each and u32 code of each. */
export let groupCount: u32 = 0;
export let groupSums: usize = 0;
export let groupCodes: usize = 0;

/** f64 [2 × codes], all zero between calls. */
let cells: usize = 0;
/** u32 [rows] twice, and u32 [256]. */
let keys: usize = 0;
let otherKeys: usize = 0;
let counters: usize = 0;

/** Takes room for columns of up to `codes` codes and nodes of up to `rows` rows; returns where it ends. */
export function placeGroups(room: usize, codes: usize, rows: usize): usize {
  const sorted = min<usize>(rows, MOST_SORTED);
  cells = room;
  groupSums = cells + (codes << 4);
  groupCodes = groupSums + (codes << 4);
  keys = groupCodes + (codes << 2);
  otherKeys = keys + (sorted << 2);
  counters = otherKeys + (sorted << 2);
  return counters + (DIGITS << 2);
}

/** Groups `count` rows by `column`; `pairs` are the sums of each row, in the order of `names`. */
export function groupRows(column: usize, names: usize, pairs: usize, count: u32): void {
  const codes = load<usize>(column + COLUMN_CODES);
  const wide = load<u32>(column + COLUMN_WIDTH) == 2;
  const cellCount = load<u32>(column + COLUMN_CELLS);
  if (count * SORT_BELOW_ROWS_PER_CELL < cellCount && count <= MOST_SORTED) {
    for (let place: u32 = 0; place < count; place++) {
      store<u32>(keys + (place << 2), (codeOf(codes, wide, load<u32>(names + (place << 2))) << 16) | place);
    }
    sortKeys(count);
    gather(pairs, count);
  } else {
    if (wide) sumWords(codes, names, pairs, count);
    else sumBytes(codes, names, pairs, count);
    compress(cellCount);
  }
}

function codeOf(codes: usize, wide: bool, row: usize): u32 {
  return wide ? <u32>load<u16>(codes + (row << 1)) : <u32>load<u8>(codes + row);
}

function sumWords(codes: usize, names: usize, pairs: usize, count: u32): void {
  for (let place: usize = 0; place < count; place++) {
    const cell = cells + ((<usize>load<u16>(codes + (load<usize>(names + (place << 2)) << 1))) << 4);
    v128.store(cell, f64x2.add(v128.load(cell), v128.load(pairs + (place << 4))));
  }
}

function sumBytes(codes: usize, names: usize, pairs: usize, count: u32): void {
  for (let place: usize = 0; place < count; place++) {
    const cell = cells + ((<usize>load<u8>(codes + load<usize>(names + (place << 2)))) << 4);
    v128.store(cell, f64x2.add(v128.load(cell), v128.load(pairs + (place << 4))));
  }
}

/** Keeps the cells that hold rows, and clears them. */
function compress(cellCount: u32): void {
  let count: usize = 0;
  const none = f64x2.splat(0);
  for (let code: u32 = 0; code < cellCount; code++) {
    const cell = cells + ((<usize>code) << 4);
    const sums = v128.load(cell);
    v128.store(groupSums + (count << 4), sums);
    store<u32>(groupCodes + (count << 2), code);
    count += usize(f64x2.extract_lane(sums, 1) != 0);
    v128.store(cell, none);
  }
  groupCount = count;
}

/** Sums pairs of equal code, which follow one another in the sorted keys. */
function gather(pairs: usize, rows: u32): void {
  let count: usize = 0;
  let last: u32 = u32.MAX_VALUE;
  let sum = f64x2.splat(0);
  for (let index: u32 = 0; index < rows; index++) {
    const key = load<u32>(keys + (index << 2));
    const pair = v128.load(pairs + ((key & 0xffff) << 4));
    const code = key >> 16;
    const same = code == last;
    sum = f64x2.add(pair, v128.bitselect(sum, f64x2.splat(0), i64x2.splat(same ? -1 : 0)));
    count += usize(!same);
    v128.store(groupSums + ((count - 1) << 4), sum);
    store<u32>(groupCodes + ((count - 1) << 2), code);
    last = code;
  }
  groupCount = count;
}

/** Sorts the keys by their codes; equal codes stay in the order of their places. */
function sortKeys(count: u32): void {
  if (count <= INSERT_UP_TO) {
    insertKeys(count);
    return;
  }
  sortByDigit(count, 16);
  sortByDigit(count, 24);
}

function insertKeys(count: u32): void {
  for (let index: u32 = 1; index < count; index++) {
    const key = load<u32>(keys + (index << 2));
    let place = keys + (index << 2);
    while (place > keys && load<u32>(place - 4) > key) {
      store<u32>(place, load<u32>(place - 4));
      place -= 4;
    }
    store<u32>(place, key);
  }
}

function sortByDigit(count: u32, shift: u32): void {
  memory.fill(counters, 0, DIGITS << 2);
  for (let index: u32 = 0; index < count; index++) {
    const counter = counters + (((load<u32>(keys + (index << 2)) >> shift) & 0xff) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  let before: u32 = 0;
  for (let counter = counters; counter < counters + (DIGITS << 2); counter += 4) {
    const here = load<u32>(counter);
    store<u32>(counter, before);
    before += here;
  }
  for (let index: u32 = 0; index < count; index++) {
    const key = load<u32>(keys + (index << 2));
    const counter = counters + (((key >> shift) & 0xff) << 2);
    const place = load<u32>(counter);
    store<u32>(counter, place + 1);
    store<u32>(otherKeys + (place << 2), key);
  }
  const swap = keys;
  keys = otherKeys;
  otherKeys = swap;
}
