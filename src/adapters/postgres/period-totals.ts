/** Figures summed up by ten minutes of arrivals and by days: what they are, and how a projection keeps them. */
import { DAY_MS } from '../../domain/time.ts';
import { type Breakdown, BREAKDOWNS, SERIES_STEP_MS } from '../../ledger/queries.ts';

/** A table of sums, each over arrivals of one length of time, as released migrations and their rows have it. */
interface Totals {
  readonly table: string;
  readonly lengthMs: number;
}
const TEN_MINUTES: Totals = { table: 'ten_minute_totals', lengthMs: SERIES_STEP_MS };
const DAYS: Totals = { table: 'day_totals', lengthMs: DAY_MS };
/** The longest first; days end at midnight UTC. */
export const TOTALS: readonly Totals[] = [DAYS, TEN_MINUTES];

/** SQL of when the period of `lengthMs` begins that a time lies in. */
export const periodOf = (lengthMs: number, time: string): string =>
  `date_bin(interval '${lengthMs} milliseconds', ${time}, 'epoch')`;

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
  scored: 'count(*) filter (where is_scored)',
} as const;
export const SUMS = { ...DECISION_SUMS, ...LABEL_SUMS } as const;
export type SumName = keyof typeof SUMS;
const NAMES = Object.keys(SUMS) as readonly SumName[]; // the keys of a closed table

/** One expression for each sum, in the order of `TOTAL_NAMES`. */
export const totalList = (form: (name: SumName) => string): string => NAMES.map(form).join(', ');
export const TOTAL_NAMES = totalList((name) => name);

export type Sums = Readonly<Record<SumName, number>>;
export const NO_SUMS = Object.fromEntries(NAMES.map((name) => [name, 0])) as Sums; // every name is there

/** Payments and the values of each that are counted, as `dimension` and `value`. */
export const ofPayments = (from: string): string =>
  `${from} cross join lateral (values ${VALUES}) as of_payment(dimension, value)`;

/** Rows are always written in the same order, so that two transactions wait for each other and never both. */
const addTo = ({ table, lengthMs }: Totals, source: string): string => `
insert into ${table} as known (dimension, value, period, source, ${TOTAL_NAMES})
select dimension, value, ${periodOf(lengthMs, 'period')}, ${source}, ${totalList((name) => `sum(${name})`)}
from counted group by 1, 2, 3 order by 1, 2, 3
on conflict (dimension, period, value, source) do update set
  ${totalList((name) => `${name} = known.${name} + excluded.${name}`)}`;

/** What counts payments: clauses of a WITH, and the statement after them. */
export interface Counting {
  readonly clauses: string;
  readonly statement: string;
}

/** Counts the payments of `from` for the source that `source` gives. */
function counting(from: string, source: string, sumOf: (name: SumName) => string): Counting {
  return {
    clauses: `counted as (
  select dimension, value, ${periodOf(TEN_MINUTES.lengthMs, 'created_at')} as period,
    ${totalList((name) => `${sumOf(name)} as ${name}`)}
  from ${ofPayments(from)} group by 1, 2, 3
),
ten_minutes as (${addTo(TEN_MINUTES, source)})`,
    statement: addTo(DAYS, source),
  };
}

/** Counts payments as they are decided, from a relation with their columns; `source` is an expression. */
export const countDecisions = (from: string, source: string): Counting => counting(from, source, (name) => SUMS[name]);

export const alone = ({ clauses, statement }: Counting): string => `with ${clauses}${statement}`;

/**
 * Counts the labels that payments have, or takes them back before they change. Parameters, all arrays in binary form:
 * transaction ids, then of one element the source, then 1 or −1.
 */
export const COUNT_LABELS = alone(
  counting(
    `(select payment.* from transaction_ids known_id
      join transactions payment on payment.seq = known_id.seq and payment.created_at = known_id.created_at
      where known_id.transaction_id = any($1::text[])) as payment`,
    '($2::text[])[1]',
    (name) => (name in LABEL_SUMS ? `($3::int8[])[1] * ${SUMS[name]}` : '0'),
  ),
);
