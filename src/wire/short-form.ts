/** The short form of a payment: six fields in, a verdict and a sentence out. */
import { confidenceOf } from '../domain/outcome.ts';
import { type Answer } from './answer.ts';
import { roundScore } from './decision.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import { paymentFieldSchema, PAYMENT_FIELDS } from './payment-fields.ts';
import { describeValue, refuseField } from './read-value.ts';
import { type JsonSchema, number, objectSchema, text } from './schema.ts';

/** Short name → name in the full form. */
const FULL_NAMES: Readonly<Record<string, keyof typeof PAYMENT_FIELDS>> = {
  timestamp: 'timestamp',
  customer_id: 'user_id',
  merchant_id: 'merchant_id',
  amount: 'amount',
  lat: 'latitude',
  long: 'longitude',
};
const SHORT_NAMES = new Map(Object.entries(FULL_NAMES).map(([short, full]) => [full as string, short]));
/** What the short form cannot say. */
const MERCHANT_CATEGORY = 'unknown';
const TRANSACTION_TYPE = 'purchase';

/** Ids may be numbers in the short form, as they are in the data sets it is used with. */
function idText(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value;
}

/** The full form of a short request, unchecked: the payment decoder checks it. Throws INVALID_REQUEST on other fields. */
export function expandShortForm(value: unknown): JsonObject {
  if (!isJsonObject(value)) refuseField('body', `expected an object, got ${describeValue(value)}`);
  const body: Record<string, unknown> = { merchant_category: MERCHANT_CATEGORY, transaction_type: TRANSACTION_TYPE };
  for (const name of Object.keys(value)) {
    const full = Object.hasOwn(FULL_NAMES, name) ? FULL_NAMES[name] : undefined;
    if (full === undefined) refuseField('body', `expected ${Object.keys(FULL_NAMES).join(', ')} only`);
    body[full] = full.endsWith('_id') ? idText(value[name]) : value[name];
  }
  return body;
}

/** The short name of a field of the full form, for messages. */
export function shortFieldName(full: string): string {
  return SHORT_NAMES.get(full) ?? full;
}

export function encodeShortForm(answer: Answer): string {
  const reasons = answer.reasons.map(({ text }) => text);
  const because = reasons.length === 0 ? 'no single reason stands out' : reasons.join('; ');
  return JSON.stringify({
    prediction: answer.outcome === 'approve' ? 'LEGIT' : 'FRAUD',
    probability: roundScore(answer.probability),
    explanation: `${answer.outcome} with ${confidenceOf(answer.probability)} confidence: ${because}`,
    model_version: answer.model,
  });
}

const ID_SCHEMA: JsonSchema = { type: ['string', 'integer'], minLength: 1, maxLength: 100 };

export const SHORT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ShortPayment: objectSchema(
    {
      timestamp: paymentFieldSchema(PAYMENT_FIELDS.timestamp),
      customer_id: { ...ID_SCHEMA, description: 'Who pays', examples: ['customer_1'] },
      merchant_id: { ...ID_SCHEMA, description: 'Who is paid', examples: ['merchant_1'] },
      amount: { ...paymentFieldSchema(PAYMENT_FIELDS.amount), description: 'US dollars, at most two decimals' },
      lat: paymentFieldSchema(PAYMENT_FIELDS.latitude),
      long: paymentFieldSchema(PAYMENT_FIELDS.longitude),
    },
    { optional: ['timestamp', 'lat', 'long'] },
  ),
  ShortResult: objectSchema({
    prediction: { enum: ['FRAUD', 'LEGIT'], description: 'FRAUD when the decision is other than approve' },
    probability: number('Calibrated probability of fraud, four decimals'),
    explanation: text('The decision and its reasons in words'),
    model_version: text('The model that scored it'),
  }),
};
