/** Figures summed up by ten minutes of arrivals: kept by the projection, added up by questions about long periods. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Breakdown, BREAKDOWNS, SERIES_STEP_MS } from '../../ledger/queries.ts';
import { binaryArray } from './binary-array.ts';
import { timestamptz } from './sql-text.ts';

/** Ten minutes, as released migrations and their rows have it. */
const PERIOD_MS = SERIES_STEP_MS;
const PERIOD = sql.raw(`interval '${PERIOD_MS} milliseconds'`);

/** The column of a payment that gives the value of a breakdown. */
const DIMENSIONS: Readonly<Record<Breakdown, string>> = {
  category: 'merchant_category',
  card: 'card_type',
  device: 'device_type',
};
const VALUES = sql.raw(
  ["('all', '')", ...BREAKDOWNS.map((name) => `('${name}', coalesce(${DIMENSIONS[name]}, ''))`)].join(', '), // prettier-ignore
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

const list = (names: readonly string[], form: (name: string) => string): RawBuilder<unknown> =>
  sql.raw(names.map(form).join(', '));
const ALL_NAMES = list(NAMES, (name) => name);

/** Rows are always written in the same order, so that two transactions wait for each other and never both. */
async function add(
  transaction: Kysely<unknown>,
  source: string,
  seqs: readonly number[],
  sumOf: (name: SumName) => string,
): Promise<void> {
  await sql`
    insert into period_totals as known (dimension, value, period, source, ${ALL_NAMES})
    select dimension, value, date_bin(${PERIOD}, created_at, 'epoch'), ${source}::text, ${list(NAMES, (name) => sumOf(name as SumName))}
    from transactions cross join lateral (values ${VALUES}) as of_payment(dimension, value)
    where seq = any(${binaryArray('int8', seqs)}::int8[])
    group by 1, 2, 3 order by 1, 2, 3
    on conflict (dimension, period, value, source) do update set
      ${list(NAMES, (name) => `${name} = known.${name} + excluded.${name}`)}`.execute(transaction);
} // prettier-ignore

/** Counts payments just written, with the labels they have. */
export function addDecisions(transaction: Kysely<unknown>, source: string, seqs: readonly number[]): Promise<void> {
  return add(transaction, source, seqs, (name) => SUMS[name]);
}

/** Counts the labels of payments, or with `sign` −1 takes them back, as before they change. */
export function addLabels(
  transaction: Kysely<unknown>,
  source: string,
  seqs: readonly number[],
  sign: 1 | -1,
): Promise<void> {
  return add(transaction, source, seqs, (name) => (name in LABEL_SUMS ? `${sign} * ${SUMS[name]}` : '0'));
}

export type Sums = Readonly<Record<SumName, number>>;
export const NO_SUMS = Object.fromEntries(NAMES.map((name) => [name, 0])) as Sums; // every name is there

/**
 * Sums of the arrivals in [fromMs, toMs) by `group`, an expression over `dimension`, `value` and `period`. Whole ten
 * minutes come from the totals, what is left at both ends from the payments.
 */
export async function sumPeriod<G extends object>(
  database: Kysely<unknown>,
  { fromMs, toMs, dimension, group }: { readonly fromMs: number; readonly toMs: number; readonly dimension: string; readonly group: string },
): Promise<readonly (Sums & G)[]> {
  const firstMs = Math.min(toMs, Math.ceil(fromMs / PERIOD_MS) * PERIOD_MS);
  const lastMs = Math.max(firstMs, Math.floor(toMs / PERIOD_MS) * PERIOD_MS);
  const { rows } = await sql<Sums & G>`
    select ${sql.raw(group)}, ${list(NAMES, (name) => `coalesce(sum(${name}), 0)::float8 as ${name}`)}
    from (
      select dimension, value, period, ${ALL_NAMES} from period_totals
      where dimension = ${dimension} and period >= ${timestamptz(firstMs)} and period < ${timestamptz(lastMs)}
      union all
      select dimension, value, date_bin(${PERIOD}, created_at, 'epoch'), ${list(NAMES, (name) => SUMS[name as SumName])}
      from transactions cross join lateral (values ${VALUES}) as of_payment(dimension, value)
      where dimension = ${dimension}
        and (created_at >= ${timestamptz(fromMs)} and created_at < ${timestamptz(firstMs)}
          or created_at >= ${timestamptz(lastMs)} and created_at < ${timestamptz(toMs)})
      group by 1, 2, 3
    ) as parts
    group by 1 order by 1`.execute(database);
  return rows;
} // prettier-ignore
