/** Which columns are worth learning from: not constant, not nearly empty, not saying what another says. */

export const PRUNING_REASONS = {
  constant: 'has one value',
  'near-empty': 'is nearly always missing, and frauds are no likelier or rarer where it is',
  correlated: 'says what another column says',
} as const;
export type PruningReason = keyof typeof PRUNING_REASONS;

/** Share of rows with a value below which a column is nearly empty. */
const NEAR_EMPTY_SHARE = 0.01;
/**
 * Standard errors between the fraud rates with and without a value from which absence tells something: of 500 columns
 * that tell nothing, 3 in 100 tables have one beyond.
 */
const INFORMATIVE_Z = 4;
/** Absolute correlation from which two columns say the same. */
export const CORRELATION_BOUND = 0.98;
/** Share of rows in which two columns may differ in being missing and still be compared. */
const MISSING_DIFFERENCE = 0.001;

export interface PrunableColumns {
  /** `values[column][row]`; NaN is missing. */
  readonly values: readonly Float64Array[];
  readonly kinds: readonly ('numeric' | 'category')[];
  /** 1 fraud, 0 genuine. */
  readonly labels: Uint8Array;
}

/** What is known of one column. */
interface Summary {
  readonly present: number;
  readonly distinct: number;
  /** Standard errors between the fraud rates of rows with and without a value. */
  readonly absenceZ: number;
}

/** Distinct values counted up to this many: enough to tell which of two columns is finer. */
const MOST_DISTINCT = 10_000;

function summarise(column: Float64Array, labels: Uint8Array): Summary {
  const seen = new Set<number>();
  let present = 0;
  let fraudsPresent = 0;
  let frauds = 0;
  for (let row = 0; row < column.length; row++) {
    frauds += labels[row]!;
    if (Number.isNaN(column[row])) continue;
    present++;
    fraudsPresent += labels[row]!;
    if (seen.size < MOST_DISTINCT) seen.add(column[row]!);
  }
  return { present, distinct: seen.size, absenceZ: proportionsZ(fraudsPresent, present, frauds, column.length) };
}

/** The two-proportion z statistic of a part against the rest of all rows; 0 when either is empty. */
function proportionsZ(fraudsInPart: number, part: number, frauds: number, rows: number): number {
  const rest = rows - part;
  if (part === 0 || rest === 0 || frauds === 0 || frauds === rows) return 0;
  const pooled = frauds / rows;
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / part + 1 / rest));
  return (fraudsInPart / part - (frauds - fraudsInPart) / rest) / error;
}

/** A numeric column with mean 0 and sum of squares 1 over its present rows, missing ones 0. */
function standardised(column: Float64Array, present: number): Float64Array {
  let sum = 0;
  for (const value of column) if (value === value) sum += value;
  const mean = sum / present;
  const scaled = column.map((value) => (value === value ? value - mean : 0));
  let squares = 0;
  for (const value of scaled) squares += value * value;
  const norm = Math.sqrt(squares);
  return norm === 0 ? scaled : scaled.map((value) => value / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < a.length; row++) sum += a[row]! * b[row]!;
  return sum;
}

function missingDiffers(a: Float64Array, b: Float64Array, most: number): boolean {
  let different = 0;
  for (let row = 0; row < a.length; row++) if ((a[row] === a[row]) !== (b[row] === b[row])) different++;
  return different > most;
}

/** Numeric columns that are missing where a finer one is and correlate with it beyond the bound. */
function correlatedColumns(
  { values, kinds, labels }: PrunableColumns,
  summaries: readonly Summary[],
  candidates: readonly number[],
): ReadonlySet<number> {
  const mostDifferent = MISSING_DIFFERENCE * labels.length;
  const kept: { readonly column: number; readonly scaled: Float64Array }[] = [];
  const dropped = new Set<number>();
  const finestFirst = candidates
    .filter((column) => kinds[column] === 'numeric')
    .toSorted((a, b) => summaries[b]!.distinct - summaries[a]!.distinct || a - b);
  for (const column of finestFirst) {
    const { present } = summaries[column]!;
    const scaled = standardised(values[column]!, present);
    const isSaid = kept.some(
      (other) =>
        Math.abs(summaries[other.column]!.present - present) <= mostDifferent &&
        Math.abs(dot(scaled, other.scaled)) >= CORRELATION_BOUND &&
        !missingDiffers(values[column]!, values[other.column]!, mostDifferent),
    );
    if (isSaid) dropped.add(column);
    else kept.push({ column, scaled });
  }
  return dropped;
}

/** The reason to leave each column out, undefined for those worth keeping, in their order. Cost: columns² × rows. */
export function pruneColumns(columns: PrunableColumns): readonly (PruningReason | undefined)[] {
  const { values, labels } = columns;
  const summaries = values.map((column) => summarise(column, labels));
  const reasons = summaries.map(({ present, distinct, absenceZ }): PruningReason | undefined => {
    if (present > 0 && Math.abs(absenceZ) >= INFORMATIVE_Z) return undefined;
    if (distinct < 2) return 'constant';
    return present < NEAR_EMPTY_SHARE * labels.length ? 'near-empty' : undefined;
  });
  const candidates = [...values.keys()].filter((column) => reasons[column] === undefined);
  const correlated = correlatedColumns(columns, summaries, candidates);
  return reasons.map((reason, column) => (correlated.has(column) ? 'correlated' : reason));
}
