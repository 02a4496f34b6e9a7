/** A recorded decision → the answer to its payment; the first answer and every repeat come from the same bytes. */
import { CONFIDENCES, confidenceOf, OUTCOMES, RISK_LEVELS, SCORE_SCALE } from '../domain/outcome.ts';
import { type DecisionRecord } from '../journal/record.ts';
import { type Answer, type AnswerReason, type CatalogueNames, createAnswerOf } from './answer.ts';
import { flag, type JsonSchema, listOf, named, number, objectSchema, text } from './schema.ts';

export type DecisionEncoder = (decision: DecisionRecord, cached: boolean) => string;

/** Contributions are log-odds; six decimals are far below what moves a probability's fourth. */
const CONTRIBUTION_SCALE = 1e6;

/** Anything JSON escapes, and surrogates, which JSON.stringify alone pairs rightly. */

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** What stands between the quotes: a text joined to them at once is written in fewer pieces. */
function inner(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}

/** A finite number as JSON, anything else as null: JSON has no NaN. */
function numeral(value: number): string {
  return Number.isFinite(value) ? `${value + 0}` : 'null';
}

const MILLION = 1e6;
/** Integers up to here are written by their digits. */
const LARGEST_BY_DIGITS = 2 ** 31;
/** Three digits by value, and the same without the zeros at their end. */
const DIGITS = Array.from({ length: 1_000 }, (_, value) => String(value).padStart(3, '0'));
const LAST_DIGITS = DIGITS.map((digits) => digits.replace(/0+$/, ''));

/** `millionths`, an integer, divided by a million, as `numeral` writes it in twice the time. */
function decimal(millionths: number): string {
  const size = Math.abs(millionths);
  if (!(size <= LARGEST_BY_DIGITS)) return numeral(millionths / MILLION);
  const whole = Math.floor(size / MILLION);
  const fraction = size - whole * MILLION;
  const sign = millionths < 0 ? '-' : '';
  if (fraction === 0) return `${sign}${whole}`;
  const high = Math.floor(fraction / 1_000);
  const low = fraction - high * 1_000;
  return `${sign}${whole}.${low === 0 ? LAST_DIGITS[high]! : DIGITS[high]! + LAST_DIGITS[low]!}`;
}

export function roundScore(probability: number): number {
  return Math.round(probability * SCORE_SCALE) / SCORE_SCALE;
}

/** Milliseconds, to the microsecond. */
export function inferenceTimeMs({ totalUs }: Pick<Answer, 'totalUs'>): number {
  return Math.round(totalUs) / 1_000;
}

function encodeReason({ feature, value, contribution, text }: AnswerReason): string {
  const shown = typeof value === 'string' ? `"${inner(value)}"` : numeral(value);
  return `{"feature":"${inner(feature)}","value":${shown},"contribution":${decimal(Math.round(contribution * CONTRIBUTION_SCALE))},"text":"${inner(text)}"}`;
}

/** JSON, one object. Cost: 3 µs with five reasons. */
export function encodeAnswer(answer: Answer): string {
  let reasons = '';
  for (const reason of answer.reasons) reasons += (reasons === '' ? '' : ',') + encodeReason(reason);
  const { probability, outcome } = answer;
  return (
    `{"transaction_id":"${inner(answer.transactionId)}"` +
    `,"fraud_score":${decimal(Math.round(probability * SCORE_SCALE) * (MILLION / SCORE_SCALE))}` +
    `,"prediction":${outcome === 'approve' ? 'false' : 'true'},"confidence":"${confidenceOf(probability)}"` +
    `,"decision":"${outcome}","risk_level":"${answer.riskLevel}","reasons":[${reasons}]` +
    `,"rules":${answer.rules.length === 0 ? '[]' : JSON.stringify(answer.rules)}` +
    `,"model_version":"${inner(answer.model)}","policy_version":"${inner(answer.policy)}"` +
    `,"inference_time_ms":${decimal(Math.round(answer.totalUs) * 1_000)},"cached":${answer.cached ? 'true' : 'false'}}`
  );
}

/** A decision of another catalogue than these has its features named by their place. */
export function createDecisionEncoder(catalogues: readonly CatalogueNames[]): DecisionEncoder {
  const answerOf = createAnswerOf(catalogues);
  return (decision, cached) => encodeAnswer(answerOf(decision, cached));
}

const REASON_SCHEMA = objectSchema({
  feature: text('Name in the catalogue it was decided by; feature_N where that is not known any more'),
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
