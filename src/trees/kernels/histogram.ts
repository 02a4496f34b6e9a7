/** Sums gradient pairs by code into an accumulator, and turns accumulators into the histogram of a node. */
import {
  ACCUMULATOR_BYTES,
  ACCUMULATORS,
  BYTE_PLACES,
  BYTES,
  COLUMN_BYTES,
  COLUMN_CELLS,
  COLUMN_START,
  COLUMNS,
  MEMBER_BYTES,
  MEMBER_CODES,
  MEMBER_FACTOR,
  MEMBER_FEATURE,
  MEMBERS,
  PAIRS,
  PLACE_BYTES,
  PLACE_CELLS,
  PLACE_COUNT,
  PLACE_FIRST,
  PLACE_OFFSET,
  PLACES,
  WORD_PLACES,
  WORDS,
} from '../job.ts';
import { thread, threads } from './team.ts';

/**
 * Bytes from one byte place of an accumulator to the next: 256 cells and a cache line, so that equal codes of
 * neighbouring places fall into different sets of the cache. `PLACE_OFFSET` of byte place p is p times this.
 */
const STRIDE: usize = 4_160;
/** Rows and places summed at a time: 80 KB of cells serve 2,048 rows (measured: a third faster than all at once). */
const BLOCK_ROWS: u32 = 2_048;
const BLOCK_PLACES: u32 = 20;

export function accumulatorOf(owner: i32): usize {
  return load<usize>(ACCUMULATORS) + owner * load<usize>(ACCUMULATOR_BYTES);
}

/** Sums the pairs of `count` rows named at `rows` into this thread's accumulator, at places from..to. */
export function addRows(rows: usize, count: u32, from: u32, to: u32): void {
  const bytePlaces = load<u32>(BYTE_PLACES);
  for (let begin: u32 = 0; begin < count; begin += BLOCK_ROWS) {
    const part = min(BLOCK_ROWS, count - begin);
    const names = rows + ((<usize>begin) << 2);
    const byteEnd = min(to, bytePlaces);
    for (let place = from; place < byteEnd; place += BLOCK_PLACES) {
      addBytes(names, part, place, min(byteEnd, place + BLOCK_PLACES));
    }
    for (let place = max(from, bytePlaces); place < to; place++) addWords(names, part, place);
  }
}

function addBytes(rows: usize, count: u32, from: u32, to: u32): void {
  const pairs = load<usize>(PAIRS);
  const width = <usize>load<u32>(BYTE_PLACES);
  const codes = load<usize>(BYTES) + from;
  const cells = accumulatorOf(thread) + from * STRIDE;
  const places = <usize>(to - from);
  const unrolled = places & ~3;
  const last = rows + ((<usize>count) << 2);
  for (let name = rows; name < last; name += 4) {
    const row = <usize>load<u32>(name);
    const pair = v128.load(pairs + (row << 4));
    const code = codes + row * width;
    let cell = cells;
    let place: usize = 0;
    for (; place < unrolled; place += 4) {
      const four = load<u32>(code + place);
      const a = cell + ((four & 0xff) << 4);
      v128.store(a, f64x2.add(v128.load(a), pair));
      const b = cell + ((four >> 4) & 0xff0);
      v128.store(b, f64x2.add(v128.load(b, STRIDE), pair), STRIDE);
      const c = cell + ((four >> 12) & 0xff0);
      v128.store(c, f64x2.add(v128.load(c, 2 * STRIDE), pair), 2 * STRIDE);
      const d = cell + ((four >> 20) & 0xff0);
      v128.store(d, f64x2.add(v128.load(d, 3 * STRIDE), pair), 3 * STRIDE);
      cell += 4 * STRIDE;
    }
    for (; place < places; place++) {
      const a = cell + ((<usize>load<u8>(code + place)) << 4);
      v128.store(a, f64x2.add(v128.load(a), pair));
      cell += STRIDE;
    }
  }
}

function addWords(rows: usize, count: u32, place: u32): void {
  const pairs = load<usize>(PAIRS);
  const width = <usize>load<u32>(WORD_PLACES);
  const codes = load<usize>(WORDS) + ((<usize>(place - load<u32>(BYTE_PLACES))) << 1);
  const cells = accumulatorOf(thread) + load<usize>(load<usize>(PLACES) + place * PLACE_BYTES + PLACE_OFFSET);
  const last = rows + ((<usize>count) << 2);
  for (let name = rows; name < last; name += 4) {
    const row = <usize>load<u32>(name);
    const a = cells + ((<usize>load<u16>(codes + ((row * width) << 1))) << 4);
    v128.store(a, f64x2.add(v128.load(a), v128.load(pairs + (row << 4))));
  }
}

/**
 * Moves the sums of one place from accumulators into the histogram of a node: from those of all threads or, when
 * `alone`, from this thread's own. The accumulators are left empty. Sums are exact, so their order does not matter.
 */
export function settlePlace(place: u32, histogram: usize, alone: bool): void {
  const record = load<usize>(PLACES) + place * PLACE_BYTES;
  const offset = load<usize>(record + PLACE_OFFSET);
  const bytes = load<usize>(record + PLACE_CELLS) << 4;
  const members = load<usize>(MEMBERS) + load<u32>(record + PLACE_FIRST) * MEMBER_BYTES;
  const own = accumulatorOf(alone ? thread : 0) + offset;
  if (!alone) {
    for (let other = 1; other < threads; other++) addCells(own, accumulatorOf(other) + offset, bytes);
  }
  const count = load<u32>(record + PLACE_COUNT);
  for (let index: u32 = 0; index < count; index++) project(own, bytes, members + index * MEMBER_BYTES, histogram);
  memory.fill(own, 0, bytes);
}

/** Adds `bytes` of cells to `target` and clears them. */
function addCells(target: usize, cells: usize, bytes: usize): void {
  const none = f64x2.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(target + at, f64x2.add(v128.load(target + at), v128.load(cells + at)));
    v128.store(cells + at, none);
  }
}

/** Sums joint cells into those of one member: the joint code is Σ code × factor. */
function project(joint: usize, bytes: usize, member: usize, histogram: usize): void {
  const feature = load<u32>(member + MEMBER_FEATURE);
  const inner = load<usize>(member + MEMBER_FACTOR) << 4;
  const codes = load<usize>(member + MEMBER_CODES);
  const target = cellsOf(histogram, feature);
  const cells = load<usize>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CELLS);
  if (codes << 4 == bytes) {
    memory.copy(target, joint, bytes);
    // The missing code has a cell also where no row lacks a value.
    memory.fill(target + bytes, 0, (cells - codes) << 4);
    return;
  }
  memory.fill(target, 0, cells << 4);
  for (let outer: usize = 0; outer < bytes; outer += inner * codes) {
    for (let code: usize = 0; code < codes; code++) {
      const cell = target + (code << 4);
      let sum = v128.load(cell);
      const from = joint + outer + code * inner;
      for (let at: usize = 0; at < inner; at += 16) sum = f64x2.add(sum, v128.load(from + at));
      v128.store(cell, sum);
    }
  }
}

/** Cells of one feature in a histogram. */
export function cellsOf(histogram: usize, feature: u32): usize {
  return histogram + (load<usize>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_START) << 4);
}

/** `parent − child` into `parent`, which becomes the other child's histogram: the features of one place. */
export function subtractPlace(place: u32, parent: usize, child: usize): void {
  const record = load<usize>(PLACES) + place * PLACE_BYTES;
  const members = load<usize>(MEMBERS) + load<u32>(record + PLACE_FIRST) * MEMBER_BYTES;
  for (let index: u32 = 0; index < load<u32>(record + PLACE_COUNT); index++) {
    const feature = load<u32>(members + index * MEMBER_BYTES + MEMBER_FEATURE);
    const target = cellsOf(parent, feature);
    const from = cellsOf(child, feature);
    const bytes = load<usize>(load<usize>(COLUMNS) + feature * COLUMN_BYTES + COLUMN_CELLS) << 4;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(target + at, f64x2.sub(v128.load(target + at), v128.load(from + at)));
    }
  }
}
