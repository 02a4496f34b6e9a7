/** A stored decision as the ledger gives it back. */
import { type Outcome, type RiskLevel } from '../../domain/outcome.ts';
import { type AttributeValue, type Transaction } from '../../domain/transaction.ts';
import { type DecisionRow } from '../../ledger/queries.ts';

export interface StoredDecision {
  readonly seq: number;
  readonly arrival_ms: number;
  readonly transaction_id: string;
  readonly user_id: string;
  readonly merchant_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly merchant_category: string;
  readonly transaction_type: string;
  readonly event_ms: number;
  readonly card_id: string | null;
  readonly device_id: string | null;
  readonly device_type: string | null;
  readonly ip_address: string | null;
  readonly location_country: string | null;
  readonly location_city: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly card_type: string | null;
  readonly card_last_four: string | null;
  readonly email_domain: string | null;
  readonly attributes: Readonly<Record<string, AttributeValue>> | null;
  readonly amount_base_minor: number;
  readonly probability: number;
  readonly is_scored: boolean;
  readonly decision: Outcome;
  readonly risk_level: RiskLevel;
  readonly rules: readonly string[];
  readonly model_version: string;
  readonly policy_version: string;
  readonly total_us: number;
  readonly is_fraud: boolean | null;
}

/** Numbers as double precision, so that both engines give JavaScript numbers. */
export const DECISION_SELECT = `seq::float8 as seq, round(extract(epoch from created_at) * 1000)::float8 as arrival_ms,
  transaction_id, user_id, merchant_id, amount_minor::float8 as amount_minor, currency, merchant_category,
  transaction_type, round(extract(epoch from "timestamp") * 1000)::float8 as event_ms, card_id, device_id, device_type,
  ip_address, location_country, location_city, latitude, longitude, card_type, card_last_four, email_domain, attributes,
  amount_base_minor::float8 as amount_base_minor, probability, is_scored, decision, risk_level, rules, model_version,
  policy_version, total_us, is_fraud`;

/** The entries of `fields` that are not null. */
function present<T extends Readonly<Record<string, unknown>>>(
  fields: T,
): { readonly [K in keyof T]?: Exclude<T[K], null> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as {
    readonly [K in keyof T]?: Exclude<T[K], null>; // fromEntries forgets the keys; the filter took the nulls
  };
}

function transactionOf(row: StoredDecision): Transaction {
  return {
    transactionId: row.transaction_id,
    userId: row.user_id,
    merchantId: row.merchant_id,
    amountMinor: row.amount_minor,
    currency: row.currency,
    merchantCategory: row.merchant_category,
    transactionType: row.transaction_type,
    eventTimeMs: row.event_ms,
    ...present({
      cardId: row.card_id,
      deviceId: row.device_id,
      deviceType: row.device_type,
      ipAddress: row.ip_address,
      locationCountry: row.location_country,
      locationCity: row.location_city,
      latitude: row.latitude,
      longitude: row.longitude,
      cardType: row.card_type,
      cardLastFour: row.card_last_four,
      emailDomain: row.email_domain,
      attributes: row.attributes,
    }),
  };
}

export function decisionRow(row: StoredDecision): DecisionRow {
  return {
    seq: row.seq,
    arrivalMs: row.arrival_ms,
    transaction: transactionOf(row),
    amountBaseMinor: row.amount_base_minor,
    probability: row.probability,
    isScored: row.is_scored,
    outcome: row.decision,
    riskLevel: row.risk_level,
    rules: row.rules,
    modelVersion: row.model_version,
    policyVersion: row.policy_version,
    totalUs: row.total_us,
    ...(row.is_fraud === null ? {} : { isFraud: row.is_fraud }),
  };
}
