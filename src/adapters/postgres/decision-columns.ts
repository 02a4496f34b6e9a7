/** Each column of a batch of decisions: its type and where its value comes from. */
import { decimalsOf, toMajor } from '../../domain/money.ts';
import { type Element, type ElementType, binaryArray, binaryFloats } from './binary-array.ts';
import { explanationOf, type NamesByCatalogue } from './explanation.ts';
import { type DecisionRecord } from '../../journal/record.ts';
import { hasScore } from '../../ledger/decision-row.ts';
import { countDecisions } from './period-totals.ts';

export interface BatchColumn {
  readonly type: ElementType;
  readonly value: (record: DecisionRecord, names: NamesByCatalogue) => Element | undefined;
  /** Where it goes in `transactions`; absent when it goes elsewhere. */
  readonly target?: string;
  /** SQL of the value in terms of the batch column, when it is not the column itself. */
  readonly as?: string;
  /** Stored as numeric with so many decimals; in a batch it is float8. */
  readonly decimals?: number;
}

/** numeric(12,2) keeps two decimals; currencies with more are exact in amount_minor. */
function amountOf({ transaction: { amountMinor, currency } }: DecisionRecord): number {
  return decimalsOf(currency) <= 2 ? toMajor(amountMinor, currency) : Number(toMajor(amountMinor, currency).toFixed(2));
}

/** A failed score leaves NaN, which no average survives: it is stored as 0, beside the fallback’s decision. */
export const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

const text = (value: BatchColumn['value'], target: string): BatchColumn => ({ type: 'text', value, target });

const DECISION_COLUMNS = {
  seq: { type: 'int8', value: (r) => r.seq, target: 'seq' },
  transaction_id: text((r) => r.transaction.transactionId, 'transaction_id'),
  created_at: { type: 'timestamptz', value: (r) => r.arrivalMs, target: 'created_at' },
  user_id: text((r) => r.transaction.userId, 'user_id'),
  amount: { type: 'float8', value: amountOf, target: 'amount', decimals: 2 },
  amount_minor: { type: 'int8', value: (r) => r.transaction.amountMinor, target: 'amount_minor' },
  currency: text((r) => r.transaction.currency, 'currency'),
  amount_base_minor: { type: 'int8', value: (r) => r.amountBaseMinor, target: 'amount_base_minor' },
  merchant_id: text((r) => r.transaction.merchantId, 'merchant_id'),
  merchant_category: text((r) => r.transaction.merchantCategory, 'merchant_category'),
  transaction_type: text((r) => r.transaction.transactionType, 'transaction_type'),
  event_time: { type: 'timestamptz', value: (r) => r.transaction.eventTimeMs, target: '"timestamp"' },
  card_id: text((r) => r.transaction.cardId, 'card_id'),
  card_type: text((r) => r.transaction.cardType, 'card_type'),
  card_last_four: text((r) => r.transaction.cardLastFour, 'card_last_four'),
  device_id: text((r) => r.transaction.deviceId, 'device_id'),
  device_type: text((r) => r.transaction.deviceType, 'device_type'),
  ip_address: text((r) => r.transaction.ipAddress, 'ip_address'),
  location_country: text((r) => r.transaction.locationCountry, 'location_country'),
  location_city: text((r) => r.transaction.locationCity, 'location_city'),
  latitude: { type: 'float8', value: (r) => r.transaction.latitude, target: 'latitude' },
  longitude: { type: 'float8', value: (r) => r.transaction.longitude, target: 'longitude' },
  email_domain: text((r) => r.transaction.emailDomain, 'email_domain'),
  attributes: {
    type: 'text',
    value: (r) => (r.transaction.attributes === undefined ? null : JSON.stringify(r.transaction.attributes)),
    target: 'attributes',
    as: 'decided.attributes::json',
  },
  probability: { type: 'float8', value: (r) => finite(r.probability), target: 'probability' },
  is_scored: { type: 'bool', value: hasScore, target: 'is_scored' },
  decision: text((r) => r.outcome, 'decision'),
  risk_level: text((r) => r.riskLevel, 'risk_level'),
  rules: {
    type: 'text',
    value: (r) => JSON.stringify(r.rules),
    target: 'rules',
    as: 'decided.rules::json',
  },
  model_version: text((r) => r.versions.model, 'model_version'),
  policy_version: text((r) => r.versions.policy, 'policy_version'),
  total_us: { type: 'float8', value: (r) => r.durations.totalUs, target: 'total_us' },
  catalogue: text((r) => r.versions.catalogue, 'catalogue'),
  feature_count: { type: 'int8', value: (r) => r.vector?.length ?? null },
  feature_end: { type: 'int8', value: () => null },
  explanation: { type: 'text', value: (r, names) => explanationOf(r, names) },
} as const satisfies Readonly<Record<string, BatchColumn>>;

const COLUMNS: readonly (readonly [string, BatchColumn])[] = Object.entries(DECISION_COLUMNS);
const TARGETS = COLUMNS.filter(([, { target }]) => target !== undefined);
/** The columns of `transactions` that a batch gives: all but `fraud_score` and `is_fraud`. */
export const TRANSACTION_COLUMNS: readonly BatchColumn[] = TARGETS.map(([, column]) => column);

/** Where each record's vector ends in the concatenation of all. */
function featureEnds(records: readonly DecisionRecord[]): (number | null)[] {
  let end = 0;
  return records.map(({ vector }) => {
    end += vector?.length ?? 0;
    return vector === undefined ? null : end;
  });
}

/** The parameters of INSERT_DECISIONS. */
export function decisionParameters(
  source: string,
  records: readonly DecisionRecord[],
  names: NamesByCatalogue,
): Buffer[] {
  const columns = COLUMNS.map(([name, { type, value }]) =>
    binaryArray(
      type,
      name === 'feature_end' ? featureEnds(records) : records.map((record) => value(record, names) ?? null),
    ),
  );
  return [...columns, binaryFloats(records.flatMap(({ vector }) => vector ?? [])), binaryArray('text', [source])];
}

const ARRAYS = COLUMNS.map(([, { type }], index) => `$${index + 1}::${type}[]`).join(', ');
const NAMES = COLUMNS.map(([name]) => name).join(', ');
const FEATURES = `($${COLUMNS.length + 1}::float8[])[decided.feature_end - decided.feature_count + 1 : decided.feature_end]`;
const SOURCE = `($${COLUMNS.length + 2}::text[])[1]`;
const TOTALS = countDecisions('decided', SOURCE);

/**
 * Writes a batch of decisions: `transaction_ids`, `prediction_logs`, `transaction_vectors`, the totals and `transactions`. A transaction id already present is left as it is, everywhere: the first decision counts. A label may
 * have arrived before its payment.
 */
export const INSERT_DECISIONS = `
with batch as materialized (select * from unnest(${ARRAYS}) as batch(${NAMES})),
fresh as (
  insert into transaction_ids (transaction_id, seq, created_at)
  select transaction_id, seq, created_at from batch order by transaction_id, seq
  on conflict (transaction_id) do nothing returning seq
),
decided as materialized (
  select batch.*, labels.is_fraud from batch join fresh on fresh.seq = batch.seq
  left join labels on labels.transaction_id = batch.transaction_id and labels.in_force
),
answers as (
  insert into prediction_logs (seq, transaction_id, prediction_time_ms, fraud_score, prediction, decision,
    model_version, policy_version, cache_hit, explanation, created_at)
  select seq, transaction_id, total_us / 1000, probability, decision <> 'approve', decision,
    model_version, policy_version, false, explanation::jsonb, created_at
  from decided
),
vectors as (
  insert into transaction_vectors (seq, created_at, features)
  select seq, created_at, ${FEATURES} from decided where feature_count is not null
),
${TOTALS.clauses},
days as (${TOTALS.statement})
insert into transactions (${TARGETS.map(([, { target }]) => target!).join(', ')}, fraud_score, is_fraud)
select ${TARGETS.map(([name, { as }]) => as ?? `decided.${name}`).join(', ')}, decided.probability, decided.is_fraud
from decided`;
