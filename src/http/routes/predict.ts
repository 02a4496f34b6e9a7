/** Payments in, decisions out: one, a batch, or the short form. */
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { SentinelError } from '../../domain/errors.ts';
import { type PaymentRequest } from '../../usecases/score-transaction.ts';
import { type Answer } from '../../wire/answer.ts';
import { encodeBatch, estimateItems, readBatch } from '../../wire/batch.ts';
import { encodeAnswer } from '../../wire/decision.ts';
import { readJson } from '../../wire/json-body.ts';
import { encodeShortForm, expandShortForm, shortFieldName } from '../../wire/short-form.ts';
import { type Edge } from '../edge.ts';
import { itemResults } from '../item-results.ts';

/** Visible ASCII, as header fields hold it safely. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,100}$/;

function idempotencyKey(request: FastifyRequest, protect: (id: string) => string): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw new SentinelError('INVALID_REQUEST', {
      field: 'Idempotency-Key',
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

  const answer = async (request: FastifyRequest, payment: PaymentRequest): Promise<Answer> => {
    admit(request, 1);
    try {
      return await deps.answerPayment(payment);
    } finally {
      gate.leave(1);
    }
  };

  edge.scoringRoute(server, 'POST /api/v1/predict', limits.bodyBytes, async (request, reply, body) => {
    gate.checkRoom(1);
    const { value, escaped } = readJson(body);
    const payment = decoder.decode(value, { escaped, prefix: '' }, idempotencyKey(request, decoder.protect));
    edge.sendBare(request, reply, encodeAnswer(await answer(request, payment)));
  });

  edge.scoringRoute(server, 'POST /api/v1/predict/batch', limits.batchBytes, async (request, reply, body) => {
    gate.checkRoom(estimateItems(body));
    const { value, escaped } = readJson(body);
    const items = readBatch(value);
    const key = idempotencyKey(request, decoder.protect);
    const answerItem = async (item: unknown, index: number): Promise<Answer> => {
      const source = { escaped, prefix: `transactions[${index}].` };
      const payment = decoder.decode(item, source, key === undefined ? undefined : `${key}:${index}`);
      return deps.answerPayment(payment);
    };
    admit(request, items.length);
    const settled = await Promise.allSettled(items.map(answerItem));
    gate.leave(items.length);
    edge.sendBare(request, reply, encodeBatch(itemResults(settled, request, edge)));
  });

  edge.scoringRoute(server, 'POST /predict', limits.bodyBytes, async (request, reply, body) => {
    gate.checkRoom(1);
    const { value, escaped } = readJson(body);
    const key = idempotencyKey(request, decoder.protect);
    const payment = withShortNames(() => decoder.decode(expandShortForm(value), { escaped, prefix: '' }, key));
    edge.sendBare(request, reply, encodeShortForm(await answer(request, payment)));
  });
}

/** Errors in `decode` name fields as the short form does. */
function withShortNames<R>(decode: () => R): R {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof SentinelError) || typeof error.details.field !== 'string') throw error;
    throw new SentinelError(error.code, { ...error.details, field: shortFieldName(error.details.field) });
  }
}
