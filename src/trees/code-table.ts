/** Codes the columns of a training set by their bins, in the shared memory. */
import { type Arena } from './arena.ts';
import { cutValues } from './bins.ts';
import * as job from './job.ts';
import { MOST_BINS } from './params.ts';
import { type Team } from './team.ts';

/** Bins of a training set; the codes themselves stay in the shared memory. */
export interface CodeTable {
  readonly rows: number;
  /** Ascending thresholds of each feature, [features]; a constant feature has none. */
  readonly cuts: readonly Float64Array[];
  /** Features of which some rows have a value and some have none, or which have two values at least. */
  readonly informative: readonly number[];
  /** Cells of a histogram over all informative features. */
  readonly cells: number;
}

/** Codes of one byte each, if they are at most 255. */
const widthOf = (cuts: Float64Array): 1 | 2 => (cuts.length + 1 <= 255 ? 1 : 2);

/** Where one thread sorts and codes a column. */
interface Slot {
  readonly record: number;
  readonly values: number;
  readonly first: number;
  readonly second: number;
  readonly cuts: number;
}

/** Bytes a code takes where columns may have this many bins, at most. */
export const mostCodeBytes = (maximumBins: number): number => (maximumBins < 255 ? 1 : 2);

/** Bytes and areas that `codeTable` reserves at most. */
export function codeTableMemory(rows: number, features: number, maximumBins: number, threads: number) {
  const slot = 3 * 8 * rows + 8 * maximumBins + job.COUNTERS_BYTES;
  const column = job.COLUMN_BYTES + rows * mostCodeBytes(maximumBins);
  return { bytes: threads * slot + features * column, areas: 5 * threads + features + 1 };
}

/** Cuts and codes all columns, as many at a time as there are threads; `maximumBins` up to `MOST_BINS`. */
export function codeTable(team: Team, columns: readonly Float64Array[], maximumBins: number): CodeTable {
  if (maximumBins < 2 || maximumBins > MOST_BINS) throw new RangeError(`invalid maximumBins: ${maximumBins}`);
  const { arena } = team;
  const rows = columns[0]?.length ?? 0;
  arena.set(job.ROWS, rows);
  arena.set(job.FEATURES, columns.length);
  const records = arena.reserve(columns.length * job.COLUMN_BYTES);
  arena.set(job.COLUMNS, records);
  arena.bytes(records, columns.length * job.COLUMN_BYTES).fill(0);
  const slots = reserveSlots(arena, Math.min(team.mostThreads, Math.max(1, columns.length)), rows, maximumBins);
  const cuts: Float64Array[] = [];
  let cells = 0;
  for (let first = 0; first < columns.length; first += slots.length) {
    const used = slots.slice(0, columns.length - first);
    arena.set(job.SLOTS_USED, used.length);
    used.forEach(({ record, values }, place) => {
      arena.set(record + job.SLOT_FEATURE, first + place);
      arena.doubles(values, rows).set(columns[first + place]!);
    });
    team.run(job.JOB_SORT);
    for (const [place, slot] of used.entries()) {
      const cut = cutSlot(arena, slot, maximumBins);
      cuts.push(cut);
      cells += recordColumn(arena, records + (first + place) * job.COLUMN_BYTES, slot, cut, rows, cells);
    }
    team.run(job.JOB_CODE);
  }
  releaseSlots(arena, slots, rows, maximumBins);
  const informative = [...cuts.keys()].filter(
    (feature) => arena.get(records + feature * job.COLUMN_BYTES + job.COLUMN_CELLS) > 0,
  );
  return { rows, cuts, informative, cells };
}

function reserveSlots(arena: Arena, count: number, rows: number, maximumBins: number): Slot[] {
  return Array.from({ length: count }, (_, thread) => {
    const record = job.SLOTS + thread * job.SLOT_BYTES;
    const [values, first, second] = [arena.reserve(8 * rows), arena.reserve(8 * rows), arena.reserve(8 * rows)];
    const cuts = arena.reserve(8 * maximumBins);
    arena.set(record + job.SLOT_VALUES, values);
    arena.set(record + job.SLOT_FIRST, first);
    arena.set(record + job.SLOT_SECOND, second);
    arena.set(record + job.SLOT_CUTS, cuts);
    arena.set(record + job.SLOT_COUNTERS, arena.reserve(job.COUNTERS_BYTES));
    return { record, values, first, second, cuts };
  });
}

function releaseSlots(arena: Arena, slots: readonly Slot[], rows: number, maximumBins: number): void {
  for (const { values, first, second, cuts } of slots) {
    for (const area of [values, first, second]) arena.release(area, 8 * rows);
    arena.release(cuts, 8 * maximumBins);
  }
}

/** Cuts the column that has been sorted in a slot, and leaves the cuts there for coding. */
function cutSlot(arena: Arena, { record, first, second, cuts }: Slot, maximumBins: number): Float64Array {
  const distinct = arena.get(record + job.SLOT_DISTINCT);
  const cut = cutValues(
    { values: arena.doubles(first, distinct), rowsUpTo: arena.integers(second, distinct) },
    maximumBins,
  );
  arena.doubles(cuts, cut.length).set(cut);
  arena.set(record + job.SLOT_CUT_COUNT, cut.length);
  return cut;
}

/** Describes a column to the kernels; returns how many cells it has in a histogram. */
function recordColumn(
  arena: Arena,
  column: number,
  { record }: Slot,
  cut: Float64Array,
  rows: number,
  start: number,
): number {
  const present = arena.get(record + job.SLOT_PRESENT);
  const cells = cut.length > 0 || (present > 0 && present < rows) ? cut.length + 2 : 0;
  const width = widthOf(cut);
  arena.set(column + job.COLUMN_CODES, arena.reserve(rows * width));
  arena.set(column + job.COLUMN_WIDTH, width);
  arena.set(column + job.COLUMN_CELLS, cells);
  arena.set(column + job.COLUMN_START, start);
  arena.set(column + job.COLUMN_DRAWN, 1);
  arena.set(column + job.COLUMN_HAS_MISSING, present < rows ? 1 : 0);
  return cells;
}
