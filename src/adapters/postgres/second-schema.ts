/** The second migration: a position for each source, figures summed up by time, and indexes for tens of millions. */
import { JOURNAL_SOURCE } from '../../ledger/source.ts';
import { FEATURES_VIEW } from './initial-schema.ts';
import { type Table, tableSql } from './table-sql.ts';

const POSITIONS: Table = {
  name: 'ledger_positions',
  sentence: 'Up to where each source of records is projected, updated in the transaction that writes the rows.',
  columns: [
    ['source', 'text primary key', 'The journal of one process, or a partition of a topic.'],
    ['position', 'bigint not null', 'In the journal the seq of the last record projected.'],
  ],
};

const TOTALS: Table = {
  name: 'period_totals',
  sentence:
    'Figures of each ten minutes of arrivals, by source so that no projection waits for another; their sum counts.',
  columns: [
    ['dimension', 'text not null', 'all, category, card or device.'],
    ['value', 'text not null', 'Of the dimension; empty for all and where a payment names none.'],
    ['period', 'timestamptz not null', 'When the ten minutes begin.'],
    ['source', 'text not null', ''],
    ['decisions', 'bigint not null', ''],
    ['approve', 'bigint not null', ''],
    ['review', 'bigint not null', ''],
    ['block', 'bigint not null', ''],
    ['amount', 'bigint not null', 'In minor units of the base currency, as are the other amounts.'],
    ['score', 'double precision not null', 'Sum of the probabilities.'],
    ['labelled', 'bigint not null', 'Payments whose label has arrived.'],
    ['frauds', 'bigint not null', ''],
    ['caught', 'bigint not null', 'Frauds reviewed or blocked.'],
    ['fraud_amount', 'bigint not null', ''],
    ['caught_amount', 'bigint not null', ''],
    ['genuine_stopped', 'bigint not null', ''],
  ],
  constraints: ['primary key (dimension, period, value, source)'],
};

/** Compared byte by byte: faster than by the rules of a language, and a range of ids by their first characters is one. */
const IDS: Readonly<Record<string, readonly string[]>> = {
  transactions: ['transaction_id', 'user_id', 'merchant_id', 'card_id', 'device_id', 'ip_address', 'decision'],
  transaction_ids: ['transaction_id'],
  prediction_logs: ['transaction_id'],
  labels: ['transaction_id'],
};

const compareBytes = ([table, columns]: readonly [string, readonly string[]]): string =>
  `alter table ${table} ${columns.map((column) => `alter column ${column} type text collate "C"`).join(', ')}`;

export const SECOND_SCHEMA: readonly string[] = [
  ...tableSql(POSITIONS),
  `insert into ledger_positions (source, position) select '${JOURNAL_SOURCE}', seq from ledger_position`,
  'drop table ledger_position',
  // Each index of the list below is read by a question; what an index includes need not be looked up in the table.
  'drop index transactions_timestamp, transactions_created_at, transactions_merchant',
  'drop view transaction_features',
  ...Object.entries(IDS).map(compareBytes),
  ...FEATURES_VIEW,
  'create index transactions_timestamp on transactions using brin ("timestamp")',
  'create index transactions_created_at on transactions (created_at, seq) include (total_us)',
  `create index transactions_merchant on transactions (merchant_id, seq)
   include ("timestamp", decision, amount_base_minor, is_fraud)`,
  // Scores asked for are high ones, and those are rare.
  'create index transactions_suspicious on transactions (seq, probability) where probability >= 0.5',
  ...tableSql(TOTALS),
  `insert into period_totals
   select dimension, value, date_bin(interval '10 minutes', created_at, 'epoch'), '${JOURNAL_SOURCE}',
     count(*), count(*) filter (where decision = 'approve'), count(*) filter (where decision = 'review'),
     count(*) filter (where decision = 'block'), sum(amount_base_minor), sum(probability), count(is_fraud),
     count(*) filter (where is_fraud), count(*) filter (where is_fraud and decision <> 'approve'),
     coalesce(sum(amount_base_minor) filter (where is_fraud), 0),
     coalesce(sum(amount_base_minor) filter (where is_fraud and decision <> 'approve'), 0),
     count(*) filter (where not is_fraud and decision <> 'approve')
   from transactions cross join lateral (values ('all', ''), ('category', merchant_category),
     ('card', coalesce(card_type, '')), ('device', coalesce(device_type, ''))) as of_payment(dimension, value)
   group by 1, 2, 3`,
];
