/** Late labels as sent, one or many, and what became of each. */
import { LABEL_SOURCES } from '../domain/label.ts';
import { maskPans } from '../domain/pan.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type LabelReceipt, type LabelRequest } from '../usecases/record-label.ts';
import { MAX_ISSUED_ID } from './issued-id.ts';
import { isJsonObject } from './json-body.ts';
import { type Problem } from './problem.ts';
import { describeValue, quotableName, readChoice, readFlag, readText, refuseField } from './read-value.ts';
import { flag, integer, type JsonSchema, listOf, moment, named, objectSchema, text } from './schema.ts';

/** Most labels in one request. */
const MAX_LABELS = 1_000;
const MAX_CAMPAIGN = 100;
const MEMBERS: ReadonlySet<string> = new Set(['transaction_id', 'is_fraud', 'source', 'campaign']);
/** Labels are checked fully whatever their source looked like: they are few. */
const TRAITS = { escaped: true };

/** One label; `protect` replaces card numbers in the id as it did when the payment came. */
export function readLabel(value: unknown, prefix: string, protect: (id: string) => string): LabelRequest {
  if (!isJsonObject(value))
    refuseField(prefix.slice(0, -1) || 'body', `expected an object, got ${describeValue(value)}`);
  const unknown = Object.keys(value).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) {
    refuseField(`${prefix}${quotableName(unknown)}`, 'this field is not known');
  }
  const { campaign } = value;
  return {
    transactionId: protect(readText(`${prefix}transaction_id`, value.transaction_id, 1, MAX_ISSUED_ID, TRAITS)),
    isFraud: readFlag(`${prefix}is_fraud`, value.is_fraud),
    source: readChoice(`${prefix}source`, value.source, LABEL_SOURCES),
    ...(campaign === undefined || campaign === null
      ? {}
      : { campaign: maskPans(readText(`${prefix}campaign`, campaign, 1, MAX_CAMPAIGN, TRAITS)) }),
  };
}

/** The items of `{labels: […]}`; undefined when `value` is a single label. */
export function readLabelBatch(value: unknown): readonly unknown[] | undefined {
  if (!isJsonObject(value) || !Object.hasOwn(value, 'labels')) return undefined;
  if (Object.keys(value).length > 1) refuseField('body', 'expected labels only');
  const { labels } = value;
  if (!Array.isArray(labels)) refuseField('labels', `expected an array, got ${describeValue(labels)}`);
  if (labels.length < 1 || labels.length > MAX_LABELS) {
    refuseField('labels', `expected 1 to ${MAX_LABELS} items, got ${labels.length}`);
  }
  return labels;
}

function receiptView(receipt: LabelReceipt) {
  const { inForce } = receipt;
  return {
    transaction_id: receipt.transactionId,
    status: receipt.status,
    in_force: {
      is_fraud: inForce.isFraud,
      source: inForce.source,
      arrived_at: formatRfc3339(inForce.arrivalMs),
      campaign: inForce.campaign ?? null,
    },
  };
}

export function encodeLabelReceipt(receipt: LabelReceipt): string {
  return JSON.stringify(receiptView(receipt));
}

export function encodeLabelBatch(results: readonly (LabelReceipt | Problem)[]): string {
  const count = (status: LabelReceipt['status']): number =>
    results.filter((result) => 'inForce' in result && result.status === status).length;
  return JSON.stringify({
    results: results.map((result, index) => ('inForce' in result ? receiptView(result) : { index, error: result })),
    recorded: count('recorded'),
    waiting: count('waiting'),
    failed: results.filter((result) => !('inForce' in result)).length,
  });
}

export const LABEL_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  LabelRequest: objectSchema(
    {
      transaction_id: { type: 'string', minLength: 1, maxLength: MAX_ISSUED_ID, description: 'The payment spoken of' },
      is_fraud: flag('What it turned out to be'),
      source: {
        type: 'string',
        enum: LABEL_SOURCES,
        description: 'Who says so; chargeback outranks analyst outranks customer',
      },
      campaign: { type: ['string', 'null'], minLength: 1, maxLength: MAX_CAMPAIGN, description: 'Campaign or case' },
    },
    { optional: ['campaign'] },
  ),
  LabelBatch: objectSchema({
    labels: { ...listOf(named('LabelRequest'), 'Recorded in this order'), minItems: 1, maxItems: MAX_LABELS },
  }),
  Label: objectSchema({
    is_fraud: flag('Fraud or genuine'),
    source: { enum: LABEL_SOURCES, description: 'Who said so' },
    arrived_at: moment('When we learned it'),
    campaign: { type: ['string', 'null'], description: 'Campaign or case, where known' },
  }),
  LabelReceipt: objectSchema({
    transaction_id: text('The payment'),
    status: { enum: ['recorded', 'waiting'], description: 'waiting: kept up to 30 days for a payment not seen yet' },
    in_force: named('Label'),
  }),
  LabelBatchResult: objectSchema({
    results: listOf({ anyOf: [named('LabelReceipt'), named('FailedItem')] }, 'One entry a label, in order'),
    recorded: integer('Labels whose payment is known'),
    waiting: integer('Labels kept for a payment not seen yet'),
    failed: integer('Labels refused'),
  }),
};
