/** The third migration: vectors in a table of their own, so that what people ask for lies close together; sums by day. */
import { type Table, tableSql } from './table-sql.ts';

const VECTORS: Table = {
  name: 'transaction_vectors',
  sentence: 'The feature vectors of payments, which are many times as long as the rest and read far more seldom.',
  monthlyBy: 'created_at',
  columns: [
    ['seq', 'bigint not null', 'Of the decision.'],
    ['created_at', 'timestamptz not null', 'As in transactions; names the partition.'],
    ['features', 'double precision[] not null', 'The vector in catalogue order; transaction_features names it.'],
  ],
  constraints: ['primary key (seq, created_at)'],
};

/**
 * An older program that still runs would write ten minutes and no days: without the table it knows it fails, until it is
 * upgraded, and loses nothing.
 */
const DAYS: readonly string[] = [
  'alter table period_totals rename to ten_minute_totals',
  'alter index period_totals_pkey rename to ten_minute_totals_pkey',
  'create table day_totals (like ten_minute_totals including all)',
  "comment on table day_totals is 'Figures of each day of arrivals (UTC), by source, so that months are few rows.'",
  "comment on column day_totals.period is 'When the day begins.'",
  `insert into day_totals
   select dimension, value, date_bin(interval '1 day', period, 'epoch'), source, sum(decisions), sum(approve),
     sum(review), sum(block), sum(amount), sum(score), sum(labelled), sum(frauds), sum(caught), sum(fraud_amount),
     sum(caught_amount), sum(genuine_stopped)
   from ten_minute_totals group by 1, 2, 3, 4`,
];

const SUMMED = 'decision, amount_base_minor, is_fraud';

/** What an entity's summary adds up, and what a page of a card, device or IP is chosen by, stand in its index. */
const INDEXES: readonly string[] = [
  'drop index transactions_user, transactions_card_timestamp, transactions_device_timestamp, transactions_ip_timestamp',
  `create index transactions_user on transactions (user_id, seq) include ("timestamp", ${SUMMED})`,
  ...['card_id', 'device_id', 'ip_address'].map(
    (column) => `create index transactions_${column.split('_')[0]!}_timestamp on transactions (${column}, "timestamp")
   include (seq, created_at, ${SUMMED}) where ${column} is not null`,
  ),
];

/**
 * Vectors written by the versions before stay where they are: moving them would rewrite every row while the service
 * waits. The view reads both places; `ledger rebuild`, or the end of a month's retention, makes the old one empty.
 */
export const THIRD_SCHEMA: readonly string[] = [
  ...tableSql(VECTORS),
  `create or replace view transaction_features as
select t.seq, t.transaction_id, t.created_at, t.catalogue, (
  select jsonb_object_agg(coalesce(c.names[f.place], 'feature_' || f.place), nullif(f.value, 'NaN'))
  from unnest(coalesce(v.features, t.features)) with ordinality as f(value, place)
) as features
from transactions t
left join transaction_vectors v on v.seq = t.seq and v.created_at = t.created_at
left join feature_catalogues c on c.hash = t.catalogue`,
  `comment on column transactions.features is
   'Only of payments written before version 3 of the schema; transaction_features gives old and new.'`,
  ...DAYS,
  ...INDEXES,
];
