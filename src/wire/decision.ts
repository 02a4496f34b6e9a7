/** A recorded decision → the answer to its payment; the first answer and every repeat come from the same bytes. */
import { CONFIDENCES, confidenceOf, OUTCOMES, RISK_LEVELS } from '../domain/outcome.ts';
import { type FeatureDefinition } from '../features/feature.ts';
import { type DecisionRecord, type RecordedReason } from '../journal/record.ts';
import { flag, type JsonSchema, listOf, named, number, objectSchema, text } from './schema.ts';
import { categoryText } from './category-text.ts';

/** Name and kind of each feature in catalogue order. */
export type FeatureNames = readonly Pick<FeatureDefinition, 'name' | 'kind'>[];

export type DecisionEncoder = (decision: DecisionRecord, cached: boolean) => string;

const SCORE_SCALE = 1e4;
/** Contributions are log-odds; six decimals are far below what moves a probability's fourth. */
const CONTRIBUTION_SCALE = 1e6;

/** Anything JSON escapes, and surrogates, which JSON.stringify alone pairs rightly. */

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

function quote(value: string): string {
  return NEEDS_ESCAPE.test(value) ? JSON.stringify(value) : `"${value}"`;
}

/** A finite number as JSON, anything else as null: JSON has no NaN. */
function numeral(value: number): string {
  return Number.isFinite(value) ? `${value + 0}` : 'null';
}

export function roundScore(probability: number): number {
  return Math.round(probability * SCORE_SCALE) / SCORE_SCALE;
}

export function roundContribution(contribution: number): number {
  return Math.round(contribution * CONTRIBUTION_SCALE) / CONTRIBUTION_SCALE;
}

/** Milliseconds, to the microsecond. */
export function inferenceTimeMs(decision: DecisionRecord): number {
  return Math.round(decision.durations.totalUs) / 1_000;
}

/** Encodes answers for one feature catalogue. Cost: 1–2 µs with five reasons. */
export function createDecisionEncoder(features: FeatureNames): DecisionEncoder {
  const leads = features.map(({ name }) => `{"feature":${JSON.stringify(name)},"value":`);

  const encodeReason = (decision: DecisionRecord, reason: RecordedReason): string => {
    const feature = features[reason.feature];
    const value = decision.vector?.[reason.feature] ?? NaN;
    const contribution = decision.contributions?.[reason.feature] ?? NaN;
    const shown =
      feature?.kind === 'category'
        ? JSON.stringify(categoryText(feature.name, decision.transaction) ?? null)
        : numeral(value);
    return `${leads[reason.feature] ?? '{"feature":null,"value":'}${shown},"contribution":${numeral(roundContribution(contribution))},"text":${quote(reason.text)}}`;
  };

  return (decision, cached) => {
    let reasons = '';
    for (const reason of decision.reasons) {
      reasons += (reasons === '' ? '' : ',') + encodeReason(decision, reason);
    }
    const { transaction, probability, outcome, versions } = decision;
    return (
      `{"transaction_id":${quote(transaction.transactionId)},"fraud_score":${numeral(roundScore(probability))}` +
      `,"prediction":${outcome === 'approve' ? 'false' : 'true'},"confidence":"${confidenceOf(probability)}"` +
      `,"decision":"${outcome}","risk_level":"${decision.riskLevel}","reasons":[${reasons}]` +
      `,"rules":${decision.rules.length === 0 ? '[]' : JSON.stringify(decision.rules)}` +
      `,"model_version":${quote(versions.model)},"policy_version":${quote(versions.policy)}` +
      `,"inference_time_ms":${numeral(inferenceTimeMs(decision))},"cached":${cached ? 'true' : 'false'}}`
    );
  };
}

const REASON_SCHEMA = objectSchema({
  feature: text('Name in the feature catalogue'),
  value: { type: ['number', 'string', 'null'], description: 'Its value; the text of a category; null when missing' },
  contribution: { type: ['number', 'null'], description: 'What it added to the log-odds of fraud, six decimals' },
  text: text('The same in words'),
});

/** The members of an answer, for those that extend it. */
export const DECISION_MEMBERS: Readonly<Record<string, JsonSchema>> = {
  transaction_id: text('As sent, or as chosen; a card number in it is replaced by a token'),
  fraud_score: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Calibrated probability of fraud, four decimals',
  },
  prediction: flag('Whether the decision is other than approve'),
  confidence: { enum: CONFIDENCES, description: 'high from a score of 0.8, medium from 0.5' },
  decision: { enum: OUTCOMES, description: 'What to do with the payment' },
  risk_level: { enum: RISK_LEVELS, description: 'critical: a block rule or list fired' },
  reasons: listOf(named('Reason'), 'The strongest contributions, strongest first'),
  rules: listOf({ type: 'string' }, 'Ids of the rules that fired; a leading ~ marks a shadow rule'),
  model_version: text('The model that scored it'),
  policy_version: text('The policy that decided it'),
  inference_time_ms: number('Time from features to decision'),
  cached: flag('Whether this payment had been answered before'),
};

export const DECISION_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Decision: objectSchema(DECISION_MEMBERS, { description: 'The answer to a payment' }),
  Reason: REASON_SCHEMA,
};
