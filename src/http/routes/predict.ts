/** Payments in, decisions out: one, a batch, or the short form. */
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { SentinelError } from '../../domain/errors.ts';
import { type PaymentRequest } from '../../usecases/score-transaction.ts';
import { type Answer } from '../../wire/answer.ts';
import { encodeBatch, estimateItems, readBatch } from '../../wire/batch.ts';
import { encodeAnswer } from '../../wire/decision.ts';
import { readJson } from '../../wire/json-body.ts';
import { renameField } from '../../wire/problem.ts';
import { encodeShortForm, expandShortForm, shortFieldName } from '../../wire/short-form.ts';
import { type Edge } from '../edge.ts';
import { itemResults } from '../item-results.ts';
import { takeNoQuery } from '../query-of.ts';

const IDEMPOTENCY_HEADER = 'Idempotency-Key';
/** Visible ASCII, as header fields hold it safely. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,100}$/;

function idempotencyKey(request: FastifyRequest, protect: (id: string) => string): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw new SentinelError('INVALID_REQUEST', {
      field: IDEMPOTENCY_HEADER,
      problem: 'expected 1 to 100 visible ASCII characters',
    });
  }
  return protect(key);
}

export function addPredictRoutes(server: FastifyInstance, edge: Edge): void {
  const { gate, decoder, deps } = edge;
  const { limits } = deps;

  /** Takes room for `payments`, to be given back with `gate.leave`. */
  const admit = (request: FastifyRequest, payments: number): void => {
    gate.limit(request.caller, payments);
    gate.enter(payments);
  };

  /** What is refused names the field at `prefix`, and the header where `key` has named the payment. */
  const answerPayment = async (payment: PaymentRequest, prefix: string, key: string | undefined): Promise<Answer> => {
    try {
      return await deps.answerPayment(payment);
    } catch (error) {
      const isNamedByKey = key !== undefined && payment.transaction.transactionId === key;
      throw renameField(error, (field) =>
        field === 'transaction_id' && isNamedByKey ? IDEMPOTENCY_HEADER : prefix + field,
      );
    }
  };

  const answer = async (request: FastifyRequest, payment: PaymentRequest, key: string | undefined): Promise<Answer> => {
    admit(request, 1);
    try {
      return await answerPayment(payment, '', key);
    } finally {
      gate.leave(1);
    }
  };

  edge.scoringRoute(server, 'POST /api/v1/predict', limits.bodyBytes, async (request, reply, body) => {
    takeNoQuery(request);
    gate.checkRoom(1);
    const { value, escaped } = readJson(body);
    const key = idempotencyKey(request, decoder.protect);
    const payment = decoder.decode(value, { escaped, prefix: '' }, key);
    edge.sendBare(request, reply, encodeAnswer(await answer(request, payment, key)));
  });

  edge.scoringRoute(server, 'POST /api/v1/predict/batch', limits.batchBytes, async (request, reply, body) => {
    takeNoQuery(request);
    gate.checkRoom(estimateItems(body));
    const { value, escaped } = readJson(body);
    const items = readBatch(value);
    const key = idempotencyKey(request, decoder.protect);
    const answerItem = async (item: unknown, index: number): Promise<Answer> => {
      const prefix = `transactions[${index}].`;
      const itemKey = key === undefined ? undefined : `${key}:${index}`;
      return answerPayment(decoder.decode(item, { escaped, prefix }, itemKey), prefix, itemKey);
    };
    admit(request, items.length);
    const settled = await Promise.allSettled(items.map(answerItem));
    gate.leave(items.length);
    edge.sendBare(request, reply, encodeBatch(itemResults(settled, request, edge)));
  });

  edge.scoringRoute(server, 'POST /predict', limits.bodyBytes, async (request, reply, body) => {
    takeNoQuery(request);
    gate.checkRoom(1);
    const { value, escaped } = readJson(body);
    const key = idempotencyKey(request, decoder.protect);
    const payment = withShortNames(() => decoder.decode(expandShortForm(value), { escaped, prefix: '' }, key));
    edge.sendBare(request, reply, encodeShortForm(await answer(request, payment, key)));
  });
}

/** Errors in `decode` name fields as the short form does. */
function withShortNames<R>(decode: () => R): R {
  try {
    return decode();
  } catch (error) {
    throw renameField(error, shortFieldName);
  }
}
