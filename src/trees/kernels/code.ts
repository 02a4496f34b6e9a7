/** Codes columns by their cuts, and lays the codes out row by row. */
import {
  BYTE_PLACES,
  BYTES,
  CHECK_ROWS,
  COLUMN_BYTES,
  COLUMN_CODES,
  COLUMN_WIDTH,
  COLUMNS,
  MEMBER_BYTES,
  MEMBER_FACTOR,
  MEMBER_FEATURE,
  MEMBERS,
  PLACE_BYTES,
  PLACE_COUNT,
  PLACE_FIRST,
  PLACES,
  ROWS,
  SLOT_BYTES,
  SLOT_CUT_COUNT,
  SLOT_CUTS,
  SLOT_FEATURE,
  SLOT_VALUES,
  SLOTS,
  SLOTS_USED,
  WORD_PLACES,
  WORDS,
} from '../job.ts';
import { shareBegin, shareEnd, thread, threads } from './team.ts';

/** Rows laid out at a time, so that their codes stay in the second-level cache while columns pass by. */
const BLOCK_ROWS: u32 = 1_024;

/** How many of the cuts are ≤ value; halves the range without a branch on the value. */
function codeOf(cuts: usize, count: u32, value: f64): u32 {
  let low: u32 = 0;
  for (let size = count; size > 1;) {
    const half = size >> 1;
    low += select<u32>(half, 0, load<f64>(cuts + ((<usize>(low + half - 1)) << 3)) <= value);
    size -= half;
  }
  return low + u32(load<f64>(cuts + ((<usize>low) << 3)) <= value);
}

/** Codes the columns of this thread's slots. */
export function codeColumns(): void {
  const used = load<i32>(SLOTS_USED);
  for (let slot = thread; slot < used; slot += threads) codeColumn(SLOTS + slot * SLOT_BYTES);
}

/** Codes a column; NaN gets the code after the last. */
function codeColumn(slot: usize): void {
  const feature = load<u32>(slot + SLOT_FEATURE);
  const values = load<usize>(slot + SLOT_VALUES);
  const cuts = load<usize>(slot + SLOT_CUTS);
  const count = load<u32>(slot + SLOT_CUT_COUNT);
  const column = load<usize>(COLUMNS) + feature * COLUMN_BYTES;
  const codes = load<usize>(column + COLUMN_CODES);
  const wide = load<u32>(column + COLUMN_WIDTH) == 2;
  const rows = load<u32>(ROWS) + load<u32>(CHECK_ROWS);
  for (let row: u32 = 0; row < rows; row++) {
    const value = load<f64>(values + ((<usize>row) << 3));
    const code = value != value ? count + 1 : count == 0 ? 0 : codeOf(cuts, count, value);
    if (wide) store<u16>(codes + ((<usize>row) << 1), <u16>code);
    else store<u8>(codes + row, <u8>code);
  }
}

/** Lays out this thread's share of the rows. */
export function interleave(): void {
  const rows = load<u32>(ROWS);
  const end = shareEnd(rows);
  for (let begin = shareBegin(rows); begin < end; begin += BLOCK_ROWS) {
    const blockEnd = min(end, begin + BLOCK_ROWS);
    for (let place: u32 = 0; place < load<u32>(BYTE_PLACES); place++) layBytes(place, begin, blockEnd);
    for (let place: u32 = 0; place < load<u32>(WORD_PLACES); place++) layWords(place, begin, blockEnd);
  }
}

/** Writes one place of rows begin..end: the joint code of its members. */
function layBytes(place: u32, begin: u32, end: u32): void {
  const record = load<usize>(PLACES) + place * PLACE_BYTES;
  const width = load<u32>(BYTE_PLACES);
  const first = load<u32>(record + PLACE_FIRST);
  const out = load<usize>(BYTES) + place;
  for (let index: u32 = 0; index < load<u32>(record + PLACE_COUNT); index++) {
    const member = load<usize>(MEMBERS) + (first + index) * MEMBER_BYTES;
    const codes = load<usize>(load<usize>(COLUMNS) + load<u32>(member + MEMBER_FEATURE) * COLUMN_BYTES + COLUMN_CODES);
    const factor = load<u32>(member + MEMBER_FACTOR);
    for (let row = begin; row < end; row++) {
      const target = out + row * width;
      const code = load<u8>(codes + row) * factor;
      store<u8>(target, <u8>(index == 0 ? code : load<u8>(target) + code));
    }
  }
}

function layWords(place: u32, begin: u32, end: u32): void {
  const record = load<usize>(PLACES) + (load<u32>(BYTE_PLACES) + place) * PLACE_BYTES;
  const width = load<u32>(WORD_PLACES);
  const out = load<usize>(WORDS) + ((<usize>place) << 1);
  const member = load<usize>(MEMBERS) + load<u32>(record + PLACE_FIRST) * MEMBER_BYTES;
  const codes = load<usize>(load<usize>(COLUMNS) + load<u32>(member + MEMBER_FEATURE) * COLUMN_BYTES + COLUMN_CODES);
  for (let row = begin; row < end; row++) {
    store<u16>(out + ((<usize>row * width) << 1), load<u16>(codes + ((<usize>row) << 1)));
  }
}
