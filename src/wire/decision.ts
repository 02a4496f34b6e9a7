/** A recorded decision → the answer to its payment; the first answer and every repeat come from the same bytes. */
import { CONFIDENCES, confidenceOf, OUTCOMES, RISK_LEVELS } from '../domain/outcome.ts';
import { unnamedFeature } from '../domain/unnamed-feature.ts';
import { type FeatureDefinition } from '../features/feature.ts';
import { type DecisionRecord, type RecordedReason } from '../journal/record.ts';
import { flag, type JsonSchema, listOf, named, number, objectSchema, text } from './schema.ts';
import { categoryText } from './category-text.ts';

/** Name and kind of each feature in catalogue order. */
export type FeatureNames = readonly Pick<FeatureDefinition, 'name' | 'kind'>[];

/** A catalogue by the hash that decisions carry. */
export interface CatalogueNames {
  readonly hash: string;
  readonly features: FeatureNames;
}

export type DecisionEncoder = (decision: DecisionRecord, cached: boolean) => string;

const SCORE_SCALE = 1e4;
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
export function inferenceTimeMs(decision: DecisionRecord): number {
  return Math.round(decision.durations.totalUs) / 1_000;
}

interface WrittenNames {
  /** What a reason begins with. */
  readonly leads: readonly string[];
  /** Names of the categorical features, undefined for the others. */
  readonly categories: readonly (string | undefined)[];
}

const leadOf = (name: string): string => `{"feature":${JSON.stringify(name)},"value":`;
const NO_NAMES: WrittenNames = { leads: [], categories: [] };

/**
 * Encodes answers; a decision of another catalogue than these has its features named by their place. Cost: 3 µs with five
 * reasons.
 */
export function createDecisionEncoder(catalogues: readonly CatalogueNames[]): DecisionEncoder {
  const written = new Map<string, WrittenNames>(
    catalogues.map(({ hash, features }) => [
      hash,
      {
        leads: features.map(({ name }) => leadOf(name)),
        categories: features.map(({ name, kind }) => (kind === 'category' ? name : undefined)),
      },
    ]),
  );

  const encodeValue = (decision: DecisionRecord, feature: number, { categories }: WrittenNames): string => {
    const category = categories[feature];
    if (category === undefined) return numeral(decision.vector?.[feature] ?? NaN);
    const word = categoryText(category, decision.transaction);
    return word === undefined ? 'null' : `"${inner(word)}"`;
  };

  const encodeReason = (decision: DecisionRecord, { feature, text }: RecordedReason, names: WrittenNames): string => {
    const contribution = decision.contributions?.[feature] ?? NaN;
    const lead = names.leads[feature] ?? leadOf(unnamedFeature(feature));
    return `${lead}${encodeValue(decision, feature, names)},"contribution":${decimal(Math.round(contribution * CONTRIBUTION_SCALE))},"text":"${inner(text)}"}`;
  };

  return (decision, cached) => {
    const names = written.get(decision.versions.catalogue) ?? NO_NAMES;
    let reasons = '';
    for (const reason of decision.reasons) {
      reasons += (reasons === '' ? '' : ',') + encodeReason(decision, reason, names);
    }
    const { transaction, probability, outcome, versions } = decision;
    return (
      `{"transaction_id":"${inner(transaction.transactionId)}"` +
      `,"fraud_score":${decimal(Math.round(probability * SCORE_SCALE) * (MILLION / SCORE_SCALE))}` +
      `,"prediction":${outcome === 'approve' ? 'false' : 'true'},"confidence":"${confidenceOf(probability)}"` +
      `,"decision":"${outcome}","risk_level":"${decision.riskLevel}","reasons":[${reasons}]` +
      `,"rules":${decision.rules.length === 0 ? '[]' : JSON.stringify(decision.rules)}` +
      `,"model_version":"${inner(versions.model)}","policy_version":"${inner(versions.policy)}"` +
      `,"inference_time_ms":${decimal(Math.round(decision.durations.totalUs) * 1_000)},"cached":${cached ? 'true' : 'false'}}`
    );
  };
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
