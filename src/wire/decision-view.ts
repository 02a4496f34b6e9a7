/** Decisions as they are read back: rows of a list, and one decision with everything behind it. */
import { toMajor } from '../domain/money.ts';
import { OUTCOMES, RISK_LEVELS } from '../domain/outcome.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type Transaction } from '../domain/transaction.ts';
import { type DecisionRow, type LabelRow } from '../ledger/queries.ts';
import { type ExplainedDecision } from '../usecases/explain-decision.ts';
import { type ListedDecisions } from '../usecases/list-decisions.ts';
import { categoryText } from './category-text.ts';
import { DECISION_MEMBERS, type DecisionEncoder, inferenceTimeMs, roundScore } from './decision.ts';
import { flag, integer, type JsonSchema, listOf, moment, named, number, objectSchema, text } from './schema.ts';

/** A payment in the words it was sent in; absent fields are left out. */
function transactionView(transaction: Transaction) {
  return {
    transaction_id: transaction.transactionId,
    user_id: transaction.userId,
    amount: toMajor(transaction.amountMinor, transaction.currency),
    currency: transaction.currency,
    merchant_id: transaction.merchantId,
    merchant_category: transaction.merchantCategory,
    transaction_type: transaction.transactionType,
    timestamp: formatRfc3339(transaction.eventTimeMs),
    card_id: transaction.cardId,
    device_id: transaction.deviceId,
    device_type: transaction.deviceType,
    ip_address: transaction.ipAddress,
    location_country: transaction.locationCountry,
    location_city: transaction.locationCity,
    latitude: transaction.latitude,
    longitude: transaction.longitude,
    card_type: transaction.cardType,
    card_last_four: transaction.cardLastFour,
    email_domain: transaction.emailDomain,
    attributes: transaction.attributes,
  };
}

function rowView(row: DecisionRow, baseCurrency: string) {
  return {
    transaction_id: row.transaction.transactionId,
    seq: row.seq,
    arrived_at: formatRfc3339(row.arrivalMs),
    transaction: transactionView(row.transaction),
    amount_base: toMajor(row.amountBaseMinor, baseCurrency),
    fraud_score: roundScore(row.probability),
    decision: row.outcome,
    risk_level: row.riskLevel,
    rules: row.rules,
    model_version: row.modelVersion,
    policy_version: row.policyVersion,
    inference_time_ms: inferenceTimeMs(row),
    is_fraud: row.isFraud ?? null,
  };
}

export function rowViews(rows: readonly DecisionRow[], baseCurrency: string) {
  return rows.map((row) => rowView(row, baseCurrency));
}

export function encodeDecisionPage(page: ListedDecisions, baseCurrency: string): string {
  return JSON.stringify({
    decisions: rowViews(page.rows, baseCurrency),
    next_cursor: page.nextBeforeSeq === undefined ? null : String(page.nextBeforeSeq),
    complete: page.complete,
  });
}

function labelView(label: LabelRow) {
  return {
    is_fraud: label.isFraud,
    source: label.source,
    arrived_at: formatRfc3339(label.arrivalMs),
    campaign: label.campaign ?? null,
    seq: label.seq,
    in_force: label.inForce,
  };
}

/** Every contribution by name; for a categorical feature the word instead of its hash. */
function contributionViews({ decision, contributions }: ExplainedDecision) {
  return contributions.map(({ feature, value, contribution, isCategory, category }) => ({
    feature,
    value: isCategory ? (categoryText(feature, decision.transaction, category) ?? null) : value,
    contribution,
  }));
}

/** One decision, why it was made and the earlier payments behind each number. */
export function encodeExplainedDecision(
  explained: ExplainedDecision,
  {
    encodeDecision,
    baseCurrency,
  }: {
    readonly encodeDecision: DecisionEncoder;
    readonly baseCurrency: string;
  },
): string {
  const { decision } = explained;
  const rest = JSON.stringify({
    seq: decision.seq,
    arrived_at: formatRfc3339(decision.arrivalMs),
    transaction: transactionView(decision.transaction),
    amount_base: toMajor(decision.amountBaseMinor, baseCurrency),
    base_currency: baseCurrency,
    margin: decision.margin,
    base_margin: decision.baseMargin,
    contributions: contributionViews(explained),
    evidence_complete: explained.evidenceComplete,
    evidence: explained.evidence.map((evidence) => ({
      entity: evidence.entity,
      id: evidence.id,
      window_hours: evidence.windowMs / 3_600_000,
      features: evidence.features,
      transactions: rowViews(evidence.payments, baseCurrency),
      truncated: evidence.truncated,
    })),
    labels: explained.labels.map(labelView),
    fallback_cause: decision.fallbackCause ?? null,
    late: decision.late,
    durations_us: {
      features: decision.durations.featuresUs,
      score: decision.durations.scoreUs,
      total: decision.durations.totalUs,
    },
    lists_version: decision.versions.lists,
    tables_version: decision.versions.tables,
    catalogue: decision.versions.catalogue,
    request_hash: decision.requestHash,
  });
  return `${encodeDecision(decision, false).slice(0, -1)},${rest.slice(1)}`;
}

const ROW_SCHEMA = objectSchema({
  transaction_id: text('The payment'),
  seq: integer('Its place in the one global order'),
  arrived_at: moment('When it reached us'),
  transaction: { ...named('Payment'), description: 'The payment as recorded' },
  amount_base: number('The amount in the base currency'),
  fraud_score: number('Calibrated probability of fraud, four decimals'),
  decision: { enum: OUTCOMES, description: 'What was to be done with it' },
  risk_level: { enum: RISK_LEVELS, description: 'critical: a block rule or list fired' },
  rules: listOf({ type: 'string' }, 'Ids of the rules that fired; a leading ~ marks a shadow rule'),
  model_version: text('The model that scored it'),
  policy_version: text('The policy that decided it'),
  inference_time_ms: number('Time from features to decision'),
  is_fraud: { type: ['boolean', 'null'], description: 'The label in force; null while there is none' },
});

export const DECISION_VIEW_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  DecisionRow: ROW_SCHEMA,
  DecisionPage: objectSchema({
    decisions: listOf(named('DecisionRow'), 'Newest first'),
    next_cursor: { type: ['string', 'null'], description: 'Give it as cursor for the next page; null on the last' },
    complete: flag('False while the ledger catches up, as after a crash or at full load: some may be missing'),
  }),
  ExplainedDecision: objectSchema({
    ...DECISION_MEMBERS,
    seq: integer('Its place in the one global order'),
    arrived_at: moment('When it reached us'),
    transaction: { ...named('Payment'), description: 'The payment as recorded' },
    amount_base: number('The amount in the base currency'),
    base_currency: text('ISO 4217 code'),
    margin: { type: ['number', 'null'], description: 'Log-odds before calibration; contributions + base_margin' },
    base_margin: { type: ['number', 'null'], description: 'Log-odds of the average payment' },
    contributions: listOf(named('Contribution'), 'Every feature, in catalogue order'),
    evidence_complete: flag('False while the ledger starts or catches up: evidence and labels may be missing'),
    evidence: listOf(named('Evidence'), 'The earlier payments behind each number'),
    labels: listOf(named('RecordedLabel'), 'Labels that have arrived'),
    fallback_cause: { type: ['string', 'null'], description: 'Why the fallback was given instead of a score' },
    late: flag('Whether it was older than the lateness bound'),
    durations_us: objectSchema(
      {
        features: number('Computing the features'),
        score: number('Score and contributions'),
        total: number('From features to decision'),
      },
      { description: 'What it took, in microseconds' },
    ),
    lists_version: text('Lists in force'),
    tables_version: integer('Slow tables in force'),
    catalogue: text('Hash of the feature catalogue'),
    request_hash: text('First 128 bits of SHA-256 of the canonical request'),
  }),
  Contribution: objectSchema({
    feature: text('Name in the catalogue it was decided by; feature_N where that is not known any more'),
    value: { type: ['number', 'string', 'null'], description: 'Its value; null when missing' },
    contribution: number('What it added to the log-odds of fraud'),
  }),
  Evidence: objectSchema({
    entity: text('Kind of entity'),
    id: text('Its id'),
    window_hours: number('Length of history, hours'),
    features: listOf({ type: 'string' }, 'Features computed from these payments'),
    transactions: listOf(named('DecisionRow'), 'Newest first, at most 200'),
    truncated: flag('Whether there are more'),
  }),
  RecordedLabel: objectSchema({
    is_fraud: flag('Fraud or genuine'),
    source: text('Who said so'),
    arrived_at: moment('When we learned it'),
    campaign: { type: ['string', 'null'], description: 'Campaign or case, where known' },
    seq: integer('Its place in the one global order'),
    in_force: flag('Whether it is the label that counts'),
  }),
};
