/** Sorts the values of a column and counts the distinct ones. */
import {
  COUNTERS_BYTES,
  ROWS,
  SLOT_BYTES,
  SLOT_COUNTERS,
  SLOT_DISTINCT,
  SLOT_FIRST,
  SLOT_PRESENT,
  SLOT_SECOND,
  SLOT_VALUES,
  SLOTS,
  SLOTS_USED,
} from '../job.ts';
import { thread, threads } from './team.ts';

/** Bits sorted by in one pass: 2,048 counters stay in the first-level cache. */
const DIGIT_BITS: u64 = 11;
const DIGITS: usize = 2_048;
const PASSES: u64 = 6;
const SIGN: u64 = 0x8000000000000000;

/** Digits of each pass counted, u32 [passes][digits]. */
let counters: usize = 0;

/** Maps a double to an integer that sorts alike, and back. */
function keyOf(value: f64): u64 {
  const bits = reinterpret<u64>(value);
  return (bits & SIGN) != 0 ? ~bits : bits | SIGN;
}

function valueOf(key: u64): f64 {
  return reinterpret<f64>((key & SIGN) != 0 ? key & ~SIGN : ~key);
}

/** Writes the keys of all values but NaN, counting their digits; returns how many. */
function collect(values: usize, rows: u32, keys: usize): u32 {
  memory.fill(counters, 0, COUNTERS_BYTES);
  let present: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const value = load<f64>(values + ((<usize>row) << 3));
    if (value != value) continue;
    const key = keyOf(value);
    store<u64>(keys + ((<usize>present) << 3), key);
    present++;
    for (let pass: u64 = 0; pass < PASSES; pass++) {
      const digit = <usize>((key >> (pass * DIGIT_BITS)) & (DIGITS - 1));
      const counter = counters + (<usize>pass * DIGITS + digit) * 4;
      store<u32>(counter, load<u32>(counter) + 1);
    }
  }
  return present;
}

/** Turns the counts of one pass into first places; false when all keys have the same digit. */
function placeDigits(first: usize, present: u32): bool {
  let before: u32 = 0;
  for (let digit: usize = 0; digit < DIGITS; digit++) {
    const count = load<u32>(first + digit * 4);
    if (count == present) return false;
    store<u32>(first + digit * 4, before);
    before += count;
  }
  return true;
}

/** Sorts keys by digits, the least significant first; returns the area that holds them in the end. */
function sortKeys(from: usize, to: usize, present: u32): usize {
  for (let pass: u64 = 0; pass < PASSES; pass++) {
    const first = counters + <usize>pass * DIGITS * 4;
    if (!placeDigits(first, present)) continue;
    for (let index: u32 = 0; index < present; index++) {
      const key = load<u64>(from + ((<usize>index) << 3));
      const counter = first + ((<usize>((key >> (pass * DIGIT_BITS)) & (DIGITS - 1))) << 2);
      const place = load<u32>(counter);
      store<u32>(counter, place + 1);
      store<u64>(to + ((<usize>place) << 3), key);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/** Sorts the columns of this thread's slots. */
export function sortColumns(): void {
  const used = load<i32>(SLOTS_USED);
  for (let slot = thread; slot < used; slot += threads) sortColumn(SLOTS + slot * SLOT_BYTES);
}

/** Leaves the distinct values of a column in `SLOT_FIRST` and rows up to each in `SLOT_SECOND`. */
function sortColumn(slot: usize): void {
  counters = load<usize>(slot + SLOT_COUNTERS);
  const first = load<usize>(slot + SLOT_FIRST);
  const second = load<usize>(slot + SLOT_SECOND);
  const present = collect(load<usize>(slot + SLOT_VALUES), load<u32>(ROWS), first);
  const sorted = present == 0 ? first : sortKeys(first, second, present);
  if (sorted == second) memory.copy(first, second, (<usize>present) << 3);
  let distinct: u32 = 0;
  let last: f64 = NaN;
  for (let index: u32 = 0; index < present; index++) {
    const value = valueOf(load<u64>(first + ((<usize>index) << 3)));
    if (value != last) {
      store<f64>(first + ((<usize>distinct) << 3), value);
      last = value;
      distinct++;
    }
    store<u32>(second + ((<usize>(distinct - 1)) << 2), index + 1);
  }
  store<u32>(slot + SLOT_DISTINCT, distinct);
  store<u32>(slot + SLOT_PRESENT, present);
}
