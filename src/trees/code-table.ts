/** Codes the columns of a training set by their bins, in the shared memory. */
import { type Arena } from './arena.ts';
import { cutValues, type DistinctValues } from './bins.ts';
import * as job from './job.ts';
import { MOST_BINS } from './params.ts';
import { type Team } from './team.ts';

/** Bins of a training set; the codes themselves stay in the shared memory. */
export interface CodeTable {
  readonly rows: number;
  /** Rows coded behind these. */
  readonly checkRows: number;
  /** Ascending thresholds of each feature, [features]; a constant feature has none. */
  readonly cuts: readonly Float64Array[];
  /** Features of which some rows have a value and some have none, or which have two values at least. */
  readonly informative: readonly number[];
  /** Cells of a histogram over all informative features. */
  readonly cells: number;
  /** Features whose values name categories. */
  readonly categorical: ReadonlySet<number>;
}

export interface CodeOptions {
  /** Features whose values are codes of categories, whole numbers from 0 to 253. */
  readonly categorical?: ReadonlySet<number>;
  /** Columns of rows to be coded behind the others, which have no part in the cuts. */
  readonly check?: readonly Float64Array[];
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
export function codeTableMemory(rows: number, features: number, maximumBins: number, threads: number, checkRows = 0) {
  const slot = 3 * 8 * rows + 8 * checkRows + 8 * mostCuts(maximumBins) + job.COUNTERS_BYTES;
  const column = job.COLUMN_BYTES + (rows + checkRows) * mostCodeBytes(maximumBins);
  return { bytes: threads * slot + features * column, areas: 5 * threads + features + 1 };
}

/** Room for the cuts of a column, whose bins may also be categories. */
const mostCuts = (maximumBins: number): number => Math.max(maximumBins, job.MOST_CATEGORIES);

/** Cuts and codes all columns, as many at a time as there are threads; `maximumBins` up to `MOST_BINS`. */
export function codeTable(
  team: Team,
  columns: readonly Float64Array[],
  maximumBins: number,
  { categorical = new Set(), check = [] }: CodeOptions = {},
): CodeTable {
  if (maximumBins < 2 || maximumBins > MOST_BINS) throw new RangeError(`invalid maximumBins: ${maximumBins}`);
  const { arena } = team;
  const rows = columns[0]?.length ?? 0;
  const checkRows = check[0]?.length ?? 0;
  arena.set(job.ROWS, rows);
  arena.set(job.CHECK_ROWS, checkRows);
  arena.set(job.FEATURES, columns.length);
  const records = arena.reserve(columns.length * job.COLUMN_BYTES);
  arena.set(job.COLUMNS, records);
  arena.bytes(records, columns.length * job.COLUMN_BYTES).fill(0);
  const sizes = { rows, checkRows, cuts: mostCuts(maximumBins) };
  const slots = reserveSlots(arena, Math.min(team.mostThreads, Math.max(1, columns.length)), sizes);
  const cuts: Float64Array[] = [];
  let cells = 0;
  for (let first = 0; first < columns.length; first += slots.length) {
    const used = slots.slice(0, columns.length - first);
    arena.set(job.SLOTS_USED, used.length);
    used.forEach(({ record, values }, place) => {
      arena.set(record + job.SLOT_FEATURE, first + place);
      arena.doubles(values, rows).set(columns[first + place]!);
      if (checkRows > 0) arena.doubles(values + 8 * rows, checkRows).set(check[first + place]!);
    });
    team.run(job.JOB_SORT);
    for (const [place, slot] of used.entries()) {
      const isCategorical = categorical.has(first + place);
      const cut = cutSlot(arena, slot, isCategorical ? categoryCuts : (values) => cutValues(values, maximumBins));
      cuts.push(cut);
      const column = records + (first + place) * job.COLUMN_BYTES;
      cells += recordColumn(arena, column, slot, cut, sizes, cells);
      arena.set(column + job.COLUMN_CATEGORICAL, isCategorical ? 1 : 0);
    }
    team.run(job.JOB_CODE);
  }
  releaseSlots(arena, slots, sizes);
  const informative = [...cuts.keys()].filter(
    (feature) => arena.get(records + feature * job.COLUMN_BYTES + job.COLUMN_CELLS) > 0,
  );
  return { rows, checkRows, cuts, informative, cells, categorical };
}

interface Sizes {
  readonly rows: number;
  readonly checkRows: number;
  readonly cuts: number;
}

function reserveSlots(arena: Arena, count: number, { rows, checkRows, cuts: mostCuts }: Sizes): Slot[] {
  return Array.from({ length: count }, (_, thread) => {
    const record = job.SLOTS + thread * job.SLOT_BYTES;
    const [first, second] = [arena.reserve(8 * rows), arena.reserve(8 * rows)];
    const values = arena.reserve(8 * (rows + checkRows));
    const cuts = arena.reserve(8 * mostCuts);
    arena.set(record + job.SLOT_VALUES, values);
    arena.set(record + job.SLOT_FIRST, first);
    arena.set(record + job.SLOT_SECOND, second);
    arena.set(record + job.SLOT_CUTS, cuts);
    arena.set(record + job.SLOT_COUNTERS, arena.reserve(job.COUNTERS_BYTES));
    return { record, values, first, second, cuts };
  });
}

function releaseSlots(arena: Arena, slots: readonly Slot[], { rows, checkRows, cuts: mostCuts }: Sizes): void {
  for (const { values, first, second, cuts } of slots) {
    for (const area of [first, second]) arena.release(area, 8 * rows);
    arena.release(values, 8 * (rows + checkRows));
    arena.release(cuts, 8 * mostCuts);
  }
}

/** Cuts the column that has been sorted in a slot, and leaves the cuts there for coding. */
function cutSlot(
  arena: Arena,
  { record, first, second, cuts }: Slot,
  cutsOf: (values: DistinctValues) => Float64Array,
): Float64Array {
  const distinct = arena.get(record + job.SLOT_DISTINCT);
  const cut = cutsOf({ values: arena.doubles(first, distinct), rowsUpTo: arena.integers(second, distinct) });
  arena.doubles(cuts, cut.length).set(cut);
  arena.set(record + job.SLOT_CUT_COUNT, cut.length);
  return cut;
}

/** Between codes, and one behind the last: what comes there later is unknown. Throws RangeError for what is no code. */
function categoryCuts({ values }: DistinctValues): Float64Array {
  const wrong = values.find((value) => !(Number.isInteger(value) && value >= 0 && value < job.MOST_CATEGORIES));
  if (wrong !== undefined) throw new RangeError(`invalid category: ${wrong} (expected codes from 0 to ${job.MOST_CATEGORIES - 1})`); // prettier-ignore
  return Float64Array.from({ length: values.length === 0 ? 0 : values.at(-1)! + 1 }, (_, code) => code + 0.5);
}

/** Describes a column to the kernels; returns how many cells it has in a histogram. */
function recordColumn(
  arena: Arena,
  column: number,
  { record }: Slot,
  cut: Float64Array,
  { rows, checkRows }: Sizes,
  start: number,
): number {
  const present = arena.get(record + job.SLOT_PRESENT);
  const cells = cut.length > 0 || (present > 0 && present < rows) ? cut.length + 2 : 0;
  const width = widthOf(cut);
  arena.set(column + job.COLUMN_CODES, arena.reserve((rows + checkRows) * width));
  arena.set(column + job.COLUMN_WIDTH, width);
  arena.set(column + job.COLUMN_CELLS, cells);
  arena.set(column + job.COLUMN_START, start);
  arena.set(column + job.COLUMN_DRAWN, 1);
  arena.set(column + job.COLUMN_HAS_MISSING, present < rows ? 1 : 0);
  return cells;
}
