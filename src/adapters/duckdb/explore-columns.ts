/** One column of a staged table, summed up by DuckDB: its range, its histogram by label, its values. */
import { type DuckDBConnection } from '@duckdb/node-api';
import { type MappedColumn } from '../../datasets/mapping.ts';
import { maskPans } from '../../domain/pan.ts';
import {
  type Counts,
  type ExploredColumn,
  type Histogram,
  type NumberSummary,
} from '../../training/exploration/report.ts';
import { identifier } from './engine.ts';

export interface ExploredTable {
  readonly connection: DuckDBConnection;
  readonly table: string;
  /** SQL that is true for frauds and false for all others. */
  readonly isFraud: string;
}

const BINS = 30;
/** The outer bins begin at these quantiles. */
const LOW = 0.01;
const HIGH = 0.99;
/** Positive values whose upper end is this many times their median are shown on a logarithmic scale. */
const LOGARITHMIC_FROM = 10;
/** Whole numbers within so narrow a range get a bin each. */
const MOST_WHOLE_BINS = 40;
const MOST_VALUES = 12;
/** A text that is another one in more than this share of rows is an id: its values say nothing. */
const ID_SHARE = 0.5;

/** A number or a time as DOUBLE; NULL when it is not finite. */
export function numberSql({ name, type }: MappedColumn): string {
  const cell = identifier(name);
  const value = type === 'timestamp' ? `CAST(epoch_ms(${cell}) AS DOUBLE)` : cell;
  return `CASE WHEN isfinite(${cell}) THEN ${value} END`;
}

export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

const counts = (frauds: unknown, all: unknown): Counts => ({
  frauds: Number(frauds),
  others: Number(all) - Number(frauds),
});

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly isWhole: boolean;
}

/** Edges of the bins; undefined when all values are equal. */
function edgesOf({ minimum, maximum, low, median, high, isWhole }: Range): Omit<Histogram, 'bins'> | undefined {
  if (minimum === maximum) return undefined;
  if (isWhole && maximum - minimum <= MOST_WHOLE_BINS) {
    const edges = Array.from({ length: maximum - minimum + 2 }, (_, i) => minimum + i - 0.5);
    return { edges, isLogarithmic: false };
  }
  const [from, to] = low < high ? [low, high] : [minimum, maximum];
  if (from > 0 && to >= LOGARITHMIC_FROM * median) {
    const edges = Array.from({ length: BINS + 1 }, (_, i) => from * (to / from) ** (i / BINS));
    return { edges, isLogarithmic: true };
  }
  return { edges: Array.from({ length: BINS + 1 }, (_, i) => from + ((to - from) * i) / BINS), isLogarithmic: false };
}

async function histogramOf(table: ExploredTable, value: string, range: Range): Promise<Histogram | undefined> {
  const shape = edgesOf(range);
  if (shape === undefined) return undefined;
  const { edges, isLogarithmic } = shape;
  const bins = edges.length - 1;
  const [from, to] = [edges[0]!, edges.at(-1)!];
  const place = isLogarithmic
    ? `ln(greatest(${value}, ${from}) / ${from}) / ${Math.log(to / from)}`
    : `(${value} - ${from}) / ${to - from}`;
  const bin = `CAST(least(greatest(floor((${place}) * ${bins}), 0), ${bins - 1}) AS INTEGER)`;
  const found = await rowsOf(
    table.connection,
    `SELECT ${bin} AS bin, count(*) FILTER (${table.isFraud}), count(*) FROM ${table.table} WHERE ${value} IS NOT NULL GROUP BY bin`,
  );
  const byBin = new Map(found.map(([place, frauds, all]) => [Number(place), counts(frauds, all)]));
  return {
    edges,
    isLogarithmic,
    bins: Array.from({ length: bins }, (_, i) => byBin.get(i) ?? { frauds: 0, others: 0 }),
  };
}

async function numbersOf(
  table: ExploredTable,
  column: MappedColumn,
): Promise<Pick<ExploredColumn, 'missing' | 'distinct' | 'numbers'>> {
  const value = numberSql(column);
  const [row] = await rowsOf(
    table.connection,
    `SELECT count(*) FILTER (${value} IS NULL AND ${table.isFraud}), count(*) FILTER (${value} IS NULL),
       approx_count_distinct(${value}), min(${value}), max(${value}), avg(${value}), stddev_pop(${value}),
       approx_quantile(${value}, ${LOW}), approx_quantile(${value}, 0.5), approx_quantile(${value}, ${HIGH}),
       COALESCE(bool_and(${value} = floor(${value})), false)
     FROM ${table.table}`,
  );
  const [missingFrauds, missing, distinct, minimum, maximum, mean, deviation, low, median, high, isWhole] = row!;
  const about = { missing: counts(missingFrauds, missing), distinct: Number(distinct) };
  if (minimum === null) return about;
  const range: Range = {
    minimum: Number(minimum),
    maximum: Number(maximum),
    low: Number(low),
    median: Number(median),
    high: Number(high),
    isWhole: isWhole === true,
  };
  const histogram = await histogramOf(table, value, range);
  const numbers: NumberSummary = {
    minimum: range.minimum,
    maximum: range.maximum,
    mean: Number(mean),
    deviation: Number(deviation),
    median: range.median,
    ...(histogram && { histogram }),
  };
  return { ...about, numbers };
}

async function valuesOf(
  table: ExploredTable,
  { name }: MappedColumn,
): Promise<Pick<ExploredColumn, 'missing' | 'distinct' | 'values'>> {
  const value = `CAST(${identifier(name)} AS VARCHAR)`;
  const [row] = await rowsOf(
    table.connection,
    `SELECT count(*) FILTER (${value} IS NULL AND ${table.isFraud}), count(*) FILTER (${value} IS NULL),
       approx_count_distinct(${value}), count(${value}), count(*) FILTER (${value} IS NOT NULL AND ${table.isFraud})
     FROM ${table.table}`,
  );
  const [missingFrauds, missing, distinct, present, presentFrauds] = row!;
  const about = { missing: counts(missingFrauds, missing), distinct: Number(distinct) };
  if (Number(present) === 0 || Number(distinct) > ID_SHARE * Number(present)) return about;
  const top = await rowsOf(
    table.connection,
    `SELECT ${value} AS value, count(*) FILTER (${table.isFraud}), count(*) AS payments FROM ${table.table}
     WHERE ${value} IS NOT NULL GROUP BY value ORDER BY payments DESC, value LIMIT ${MOST_VALUES}`,
  );
  const named = top.map(([text, frauds, all]) => ({ value: maskPans(String(text)), ...counts(frauds, all) }));
  const sum = (of: (count: Counts) => number): number => named.reduce((total, count) => total + of(count), 0);
  const rest = counts(Number(presentFrauds) - sum(({ frauds }) => frauds), Number(present) - sum((c) => c.frauds + c.others)); // prettier-ignore
  return { ...about, values: rest.frauds + rest.others > 0 ? [...named, rest] : named };
}

/** What there is to say of one column. */
export async function exploreColumn(table: ExploredTable, column: MappedColumn): Promise<ExploredColumn> {
  const { name, type } = column;
  const isNumber = type === 'number' || type === 'timestamp';
  return { name, type, ...(isNumber ? await numbersOf(table, column) : await valuesOf(table, column)) };
}
