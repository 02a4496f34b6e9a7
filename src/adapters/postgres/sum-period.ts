/** Adds up a period from the longest spans that are summed up already, and what is left at its ends from the payments. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { ofPayments, periodOf, SUMS, type Sums, TOTAL_NAMES, TOTALS, totalList } from './period-totals.ts';
import { timestamptz } from './sql-text.ts';

/** Arrivals in [fromMs, toMs), from a table of sums or, without one, from the payments themselves. */
interface Part {
  readonly fromMs: number;
  readonly toMs: number;
  readonly table?: string;
}

/** Cuts [fromMs, toMs) into parts, each from the first of `totals` whose periods fit into it. */
function partsOf(fromMs: number, toMs: number, totals = TOTALS): readonly Part[] {
  if (fromMs >= toMs) return [];
  const [longest, ...shorter] = totals;
  if (longest === undefined) return [{ fromMs, toMs }];
  const { table, lengthMs } = longest;
  const firstMs = Math.ceil(fromMs / lengthMs) * lengthMs;
  const lastMs = Math.floor(toMs / lengthMs) * lengthMs;
  if (firstMs >= lastMs) return partsOf(fromMs, toMs, shorter);
  const whole = { fromMs: firstMs, toMs: lastMs, table };
  return [...partsOf(fromMs, firstMs, shorter), whole, ...partsOf(lastMs, toMs, shorter)];
}

function partSql({ fromMs, toMs, table }: Part, dimension: string): RawBuilder<unknown> {
  if (table !== undefined) {
    return sql`select dimension, value, period, ${sql.raw(TOTAL_NAMES)} from ${sql.ref(table)}
      where dimension = ${dimension} and period >= ${timestamptz(fromMs)} and period < ${timestamptz(toMs)}`;
  }
  const period = periodOf(TOTALS.at(-1)!.lengthMs, 'created_at');
  return sql`select dimension, value, ${sql.raw(period)} as period,
      ${sql.raw(totalList((name) => `${SUMS[name]} as ${name}`))}
    from ${sql.raw(ofPayments('transactions'))}
    where dimension = ${dimension} and created_at >= ${timestamptz(fromMs)} and created_at < ${timestamptz(toMs)}
    group by 1, 2, 3`;
}

export interface Summed {
  readonly fromMs: number;
  readonly toMs: number;
  readonly dimension: string;
  /** An expression over `dimension`, `value` and `period`, with the name of its column. */
  readonly group: string;
  /** Periods longer than this must not be taken as one. */
  readonly stepMs?: number;
}

/** Sums of the arrivals in [fromMs, toMs) by `group`, in its order. */
export async function sumPeriod<G extends object>(
  database: Kysely<unknown>,
  { fromMs, toMs, dimension, group, stepMs = 0 }: Summed,
): Promise<readonly (Sums & G)[]> {
  const usable = TOTALS.filter(({ lengthMs }) => stepMs % lengthMs === 0);
  const parts = partsOf(fromMs, toMs, usable).map((part) => partSql(part, dimension));
  if (parts.length === 0) return [];
  const { rows } = await sql<Sums & G>`
    select ${sql.raw(group)}, ${sql.raw(totalList((name) => `coalesce(sum(${name}), 0)::float8 as ${name}`))}
    from (${sql.join(parts, sql` union all `)}) as parts
    group by 1 order by 1`.execute(database);
  return rows;
}
