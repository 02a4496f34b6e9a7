/** Figures summed up by ten minutes of arrivals: kept by the projection, added up by questions about long periods. */
import { type Kysely, sql } from 'kysely';
import { type Breakdown, BREAKDOWNS, SERIES_STEP_MS } from '../../ledger/queries.ts';
import { timestamptz } from './sql-text.ts';

/** Ten minutes, as released migrations and their rows have it. */
const PERIOD_MS = SERIES_STEP_MS;
const PERIOD = `interval '${PERIOD_MS} milliseconds'`;

/** The column of a payment that gives the value of a breakdown. */
const DIMENSIONS: Readonly<Record<Breakdown, string>> = {
  category: 'merchant_category',
  card: 'card_type',
  device: 'device_type',
};
const VALUES = ["('all', '')", ...BREAKDOWNS.map((name) => `('${name}', coalesce(${DIMENSIONS[name]}, ''))`)].join(
  ', ',
);

/** Columns that a label changes, and those that stand once a payment is decided; each with what it adds up. */
const LABEL_SUMS = {
  labelled: 'count(is_fraud)',
  frauds: 'count(*) filter (where is_fraud)',
  caught: "count(*) filter (where is_fraud and decision <> 'approve')",
  fraud_amount: 'coalesce(sum(amount_base_minor) filter (where is_fraud), 0)',
  caught_amount: "coalesce(sum(amount_base_minor) filter (where is_fraud and decision <> 'approve'), 0)",
  genuine_stopped: "count(*) filter (where not is_fraud and decision <> 'approve')",
} as const;
const DECISION_SUMS = {
  decisions: 'count(*)',
  approve: "count(*) filter (where decision = 'approve')",
  review: "count(*) filter (where decision = 'review')",
  block: "count(*) filter (where decision = 'block')",
  amount: 'coalesce(sum(amount_base_minor), 0)',
  score: 'coalesce(sum(probability), 0)',
} as const;
const SUMS = { ...DECISION_SUMS, ...LABEL_SUMS } as const;
type SumName = keyof typeof SUMS;
const NAMES = Object.keys(SUMS) as readonly SumName[]; // the keys of a closed table

const list = (form: (name: SumName) => string): string => NAMES.map(form).join(', ');
const ALL_NAMES = list((name) => name);

/**
 * The statement that counts the payments of `from` for the source that `source` gives. Rows are always written in the same
 * order, so that two transactions wait for each other and never both.
 */
function totalsInsert(from: string, source: string, sumOf: (name: SumName) => string): string {
  return `
insert into period_totals as known (dimension, value, period, source, ${ALL_NAMES})
select dimension, value, date_bin(${PERIOD}, created_at, 'epoch'), ${source}, ${list(sumOf)}
from ${from} cross join lateral (values ${VALUES}) as of_payment(dimension, value)
group by 1, 2, 3 order by 1, 2, 3
on conflict (dimension, period, value, source) do update set
  ${list((name) => `${name} = known.${name} + excluded.${name}`)}`;
}

/** Counts payments as they are decided, from a relation with their columns; `source` is an expression. */
export const decisionTotals = (from: string, source: string): string =>
  totalsInsert(from, source, (name) => SUMS[name]);

/**
 * Counts the labels that payments have, or takes them back before they change. Parameters, all arrays in binary form:
 * transaction ids, then of one element the source, then 1 or −1.
 */
export const COUNT_LABELS = totalsInsert(
  `(select payment.* from transaction_ids known_id
    join transactions payment on payment.seq = known_id.seq and payment.created_at = known_id.created_at
    where known_id.transaction_id = any($1::text[])) as payment`,
  '($2::text[])[1]',
  (name) => (name in LABEL_SUMS ? `($3::int8[])[1] * ${SUMS[name]}` : '0'),
);

export type Sums = Readonly<Record<SumName, number>>;
export const NO_SUMS = Object.fromEntries(NAMES.map((name) => [name, 0])) as Sums; // every name is there

/**
 * Sums of the arrivals in [fromMs, toMs) by `group`, an expression over `dimension`, `value` and `period`. Whole ten
 * minutes come from the totals, what is left at both ends from the payments.
 */
export async function sumPeriod<G extends object>(
  database: Kysely<unknown>,
  {
    fromMs,
    toMs,
    dimension,
    group,
  }: { readonly fromMs: number; readonly toMs: number; readonly dimension: string; readonly group: string },
): Promise<readonly (Sums & G)[]> {
  const firstMs = Math.min(toMs, Math.ceil(fromMs / PERIOD_MS) * PERIOD_MS);
  const lastMs = Math.max(firstMs, Math.floor(toMs / PERIOD_MS) * PERIOD_MS);
  const { rows } = await sql<Sums & G>`
    select ${sql.raw(group)}, ${sql.raw(list((name) => `coalesce(sum(${name}), 0)::float8 as ${name}`))}
    from (
      select dimension, value, period, ${sql.raw(ALL_NAMES)} from period_totals
      where dimension = ${dimension} and period >= ${timestamptz(firstMs)} and period < ${timestamptz(lastMs)}
      union all
      select dimension, value, date_bin(${sql.raw(PERIOD)}, created_at, 'epoch'), ${sql.raw(list((name) => SUMS[name]))}
      from transactions cross join lateral (values ${sql.raw(VALUES)}) as of_payment(dimension, value)
      where dimension = ${dimension}
        and (created_at >= ${timestamptz(fromMs)} and created_at < ${timestamptz(firstMs)}
          or created_at >= ${timestamptz(lastMs)} and created_at < ${timestamptz(toMs)})
      group by 1, 2, 3
    ) as parts
    group by 1 order by 1`.execute(database);
  return rows;
}
