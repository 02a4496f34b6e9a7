/** Payments in, decisions out: one, a batch, or the short form. */
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { SentinelError } from '../../domain/errors.ts';
import { type Answered } from '../../usecases/score-transaction.ts';
import { encodeBatch, isAnswered, type ItemResult, readBatch } from '../../wire/batch.ts';
import { readJson } from '../../wire/json-body.ts';
import { encodeShortForm, expandShortForm, shortFieldName } from '../../wire/short-form.ts';
import { type Edge } from '../edge.ts';

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

  /** Holds room for `payments` while `work` runs. */
  const within = async <R>(request: FastifyRequest, payments: number, work: () => Promise<R>): Promise<R> => {
    gate.limit(request.caller, payments);
    gate.enter(payments);
    try {
      return await work();
    } finally {
      gate.leave(payments);
    }
  };

  edge.route(server, 'POST /api/v1/predict', async (request, reply) => {
    const { value, escaped } = readJson(request.body as Buffer | undefined);
    const source = { escaped, prefix: '' };
    const payment = decoder.decode(value, source, idempotencyKey(request, decoder.protect));
    const { decision, cached } = await within(request, 1, () => deps.scoreTransaction(payment));
    edge.sendBare(request, reply, edge.encodeDecision(decision, cached));
  });

  edge.route(
    server,
    'POST /api/v1/predict/batch',
    async (request, reply) => {
      const { value, escaped } = readJson(request.body as Buffer | undefined);
      const items = readBatch(value);
      const key = idempotencyKey(request, decoder.protect);
      const answer = async (item: unknown, index: number): Promise<Answered> => {
        const source = { escaped, prefix: `transactions[${index}].` };
        return deps.scoreTransaction(decoder.decode(item, source, key === undefined ? undefined : `${key}:${index}`));
      };
      const settled = await within(request, items.length, () => Promise.allSettled(items.map(answer)));
      edge.sendBare(request, reply, encodeBatch(itemResults(settled, request, edge), edge.encodeDecision));
    },
    { bodyLimit: deps.limits.batchBytes },
  );

  edge.route(server, 'POST /predict', async (request, reply) => {
    const { value, escaped } = readJson(request.body as Buffer | undefined);
    const source = { escaped, prefix: '' };
    const key = idempotencyKey(request, decoder.protect);
    const payment = withShortNames(() => decoder.decode(expandShortForm(value), source, key));
    const { decision } = await within(request, 1, () => deps.scoreTransaction(payment));
    edge.sendBare(request, reply, encodeShortForm(decision));
  });
}

/** Throws what failed every item when it was the service and not the items. */
function itemResults(
  settled: readonly PromiseSettledResult<Answered>[],
  request: FastifyRequest,
  edge: Edge,
): ItemResult[] {
  const results = settled.map((item) =>
    item.status === 'fulfilled' ? item.value : edge.problemOf(item.reason, request),
  );
  const [first] = settled;
  if (first?.status === 'rejected' && results.every((result) => !isAnswered(result) && result.status === 503)) {
    throw first.reason;
  }
  return results;
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
