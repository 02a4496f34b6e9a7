/** Several payments in one request: each is answered or refused by itself. */
import { type Answer } from './answer.ts';
import { encodeAnswer, inferenceTimeMs } from './decision.ts';
import { isJsonObject } from './json-body.ts';
import { type Problem, PROBLEM } from './problem.ts';
import { describeValue, refuseField } from './read-value.ts';
import { integer, type JsonSchema, listOf, named, number, objectSchema } from './schema.ts';

/** Most payments in one batch. */
export const MAX_BATCH = 100;

/** Every payment has this member, once. */
const EACH_PAYMENT = Buffer.from('"user_id":');

/** About how many payments the bytes of a batch hold, a hundred times faster than by reading them. */
export function estimateItems(bytes: Buffer | undefined): number {
  let items = 0;
  for (let at = -1; items < MAX_BATCH && (at = bytes?.indexOf(EACH_PAYMENT, at + 1) ?? -1) >= 0;) items++;
  return items;
}

/** What became of one item. */
type ItemResult = Answer | Problem;

/** The items as they came, still to be decoded one by one; throws INVALID_REQUEST for a wrong envelope. */
export function readBatch(value: unknown): readonly unknown[] {
  if (!isJsonObject(value)) refuseField('body', `expected an object with transactions, got ${describeValue(value)}`);
  if (Object.keys(value).some((name) => name !== 'transactions')) refuseField('body', 'expected transactions only');
  const items = value.transactions;
  if (!Array.isArray(items)) refuseField('transactions', `expected an array, got ${describeValue(items)}`);
  if (items.length < 1 || items.length > MAX_BATCH) {
    refuseField('transactions', `expected 1 to ${MAX_BATCH} items, got ${items.length}`);
  }
  return items;
}

function isAnswered(result: ItemResult): result is Answer {
  return 'outcome' in result;
}

/** Items in the order they came. */
export function encodeBatch(results: readonly ItemResult[]): string {
  let fraudulent = 0;
  let answered = 0;
  let timeMs = 0;
  const predictions = results.map((result, index) => {
    if (!isAnswered(result)) return JSON.stringify({ index, error: result });
    answered++;
    timeMs += inferenceTimeMs(result);
    if (result.outcome !== 'approve') fraudulent++;
    return encodeAnswer(result);
  });
  const averageMs = answered === 0 ? 0 : Math.round((timeMs / answered) * 1_000) / 1_000;
  return (
    `{"predictions":[${predictions.join(',')}],"total_processed":${answered}` +
    `,"total_fraud_detected":${fraudulent},"avg_inference_time_ms":${averageMs}}`
  );
}

export const BATCH_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Batch: objectSchema({
    transactions: { ...listOf(named('Payment'), 'Scored in this order'), minItems: 1, maxItems: MAX_BATCH },
  }),
  BatchResult: objectSchema({
    predictions: listOf(
      { anyOf: [named('Decision'), named('FailedItem')] },
      'One entry an item, in the order they came',
    ),
    total_processed: integer('Items answered'),
    total_fraud_detected: integer('Items answered with a decision other than approve'),
    avg_inference_time_ms: number('Mean inference time of the answered items'),
  }),
  FailedItem: objectSchema({ index: integer('Place in the batch, from 0'), error: PROBLEM }),
  FailedLine: objectSchema({ line: integer('Line of the request, from 1'), error: PROBLEM }),
};
