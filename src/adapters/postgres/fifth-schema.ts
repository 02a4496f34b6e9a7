/** The fifth migration: which decisions have a score, so that the mean score is that of those; and sums of money without a bound. */

const TABLES = [
  ['ten_minute_totals', '10 minutes'],
  ['day_totals', '1 day'],
] as const;

/** Many large payments in a currency of small units are more than 64 bits hold, at which the ledger would stand still for ever. */
const AMOUNTS = ['amount', 'fraud_amount', 'caught_amount'] as const;

const OF_PAYMENT = `(values ('all', ''), ('category', merchant_category), ('card', coalesce(card_type, '')),
  ('device', coalesce(device_type, ''))) as of_payment(dimension, value)`;

/**
 * What the fallback gave is known of old decisions by their explanation, which those to approve have none of: of a policy
 * whose fallback approves, `ledger rebuild` alone finds them. Only sums over all sources count, so that one of them takes
 * the difference.
 */
const correct = ([table, length]: (typeof TABLES)[number]): readonly string[] => [
  `alter table ${table} add column scored bigint not null default 0, ${AMOUNTS.map((name) => `alter column ${name} type numeric`).join(', ')}`,
  `update ${table} set scored = decisions`,
  `update ${table} as known set scored = known.scored - unscored.payments
   from (
     select dimension, value, date_bin(interval '${length}', created_at, 'epoch') as period, count(*) as payments
     from transactions cross join lateral ${OF_PAYMENT} where not is_scored group by 1, 2, 3
   ) as unscored
   where known.dimension = unscored.dimension and known.value = unscored.value and known.period = unscored.period
     and known.source = (
       select min(source) from ${table} as any_source
       where any_source.dimension = known.dimension and any_source.value = known.value
         and any_source.period = known.period
     )`,
  `alter table ${table} alter column scored drop default`,
  `comment on column ${table}.scored is 'Decisions that have a score.'`,
];

/**
 * An older program that still runs would count decisions and not those with a score: without a default it fails, until it
 * is upgraded, and loses nothing.
 */
export const FIFTH_SCHEMA: readonly string[] = [
  'alter table transactions add column is_scored boolean not null default true',
  "comment on column transactions.is_scored is 'False where the fallback was given instead of a score.'",
  `update transactions as payment set is_scored = false from prediction_logs answer
   where payment.probability = 0 and payment.decision <> 'approve'
     and answer.seq = payment.seq and answer.created_at = payment.created_at
     and not answer.cache_hit and answer.explanation->>'fallback_cause' is not null`,
  ...TABLES.flatMap(correct),
];
