/** The HTTP edge for tests, on memory functions: it scores by a formula and remembers what was recorded. */
import { type FastifyInstance } from 'fastify';
import { createKeyRing } from '../../src/access/keys.ts';
import { hashRequest } from '../../src/access/pan-token.ts';
import { type EntityKind } from '../../src/domain/entity.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import { type EntityProfile } from '../../src/features/describe.ts';
import { createServer } from '../../src/http/server.ts';
import { DEFAULT_LIMITS, type HttpLimits, type ServerDeps } from '../../src/http/server-deps.ts';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { type LedgerStore } from '../../src/ports/ledger-store.ts';
import { completeTransaction } from '../../src/usecases/complete-transaction.ts';
import { createDescribeEntity } from '../../src/usecases/describe-entity.ts';
import { createListDecisions } from '../../src/usecases/list-decisions.ts';
import { type LabelRequest } from '../../src/usecases/record-label.ts';
import { type PaymentRequest, type ScoreTransaction } from '../../src/usecases/score-transaction.ts';
import {
  type DecisionPage,
  type DecisionQuery,
  type DecisionRow,
  type EntitySummary,
} from '../../src/ledger/queries.ts';
import { createAnswerPayment } from '../../src/wire/answer.ts';
import { aDecisionRecord } from './journal-records.ts';
import { NOON_MS } from './transactions.ts';

/** One payment of 25.00, an hour ago, nothing known of it. */
function aProfile(kind: EntityKind, id: string): EntityProfile {
  const seenMs = NOON_MS - HOUR_MS;
  return {
    kind,
    id,
    firstSeenMs: seenMs,
    lastSeenMs: seenMs,
    payments: 1,
    windows: { '24h': { payments: 1, amountBaseMinor: 2_500 } },
    labels: { '30d': { known: 0, frauds: 0, risk: 0.005 } },
    fraudRun: 0,
  };
}

export const FEATURES = [
  { name: 'amount', kind: 'numeric' },
  { name: 'merchant_category', kind: 'category' },
  { name: 'user_txn_count_1h', kind: 'numeric' },
] as const;

/** Of the decisions that are recorded here. */
export const CATALOGUES = [{ hash: aDecisionRecord().versions.catalogue, features: FEATURES }] as const;

/** A payment with every required field. */
export const PAYMENT = {
  user_id: 'user_1',
  amount: 25,
  merchant_id: 'merchant_1',
  merchant_category: 'grocery',
  transaction_type: 'purchase',
};

export interface HttpWorld {
  readonly server: FastifyInstance;
  /** Payments that were recorded, in order. */
  readonly payments: PaymentRequest[];
  readonly labels: LabelRequest[];
  readonly queries: DecisionQuery[];
  /** Fields of everything logged. */
  readonly logged: Readonly<Record<string, unknown>>[];
  readonly requests: { readonly route: string; readonly status: number; readonly durationUs: number }[];
}

export interface WorldOptions extends Partial<Omit<ServerDeps, 'limits' | 'answerPayment'>> {
  readonly scoreTransaction?: ScoreTransaction;
  readonly limits?: Partial<HttpLimits>;
}

function rowOf(decision: DecisionRecord): DecisionRow {
  return {
    seq: decision.seq,
    arrivalMs: decision.arrivalMs,
    transaction: decision.transaction,
    amountBaseMinor: decision.amountBaseMinor,
    probability: decision.probability,
    isScored: decision.fallbackCause === undefined,
    outcome: decision.outcome,
    riskLevel: decision.riskLevel,
    rules: decision.rules,
    modelVersion: decision.versions.model,
    policyVersion: decision.versions.policy,
    totalUs: decision.durations.totalUs,
  };
}

/** Blocks amounts from 1,000 on, and gives a repeated id its first answer. */
function memoryScorer(payments: PaymentRequest[], decisions: Map<string, DecisionRecord>): ScoreTransaction {
  return async (request) => {
    const transactionId = request.transaction.transactionId ?? `chosen-${payments.length + 1}`;
    const known = decisions.get(transactionId);
    if (known !== undefined) {
      if (known.requestHash !== request.requestHash) throw new SentinelError('ID_REUSED', { id: transactionId });
      return { decision: known, cached: true };
    }
    if (request.transaction.currency === 'XXX') throw new SentinelError('UNKNOWN_CURRENCY', { currency: 'XXX' });
    payments.push(request);
    const blocked = request.transaction.amountMinor >= 100_000;
    const decision = aDecisionRecord({
      seq: payments.length,
      transaction: completeTransaction(request.transaction, transactionId, request.transaction.eventTimeMs ?? NOON_MS),
      amountBaseMinor: request.transaction.amountMinor,
      requestHash: request.requestHash,
      vector: Float64Array.of(request.transaction.amountMinor / 100, 123456789, NaN),
      probability: blocked ? 0.91237 : 0.0312,
      outcome: blocked ? 'block' : 'approve',
      riskLevel: blocked ? 'high' : 'low',
      reasons: [
        { feature: 0, text: 'the amount' },
        { feature: 1, text: 'the "category"' },
        { feature: 2, text: 'the count' },
      ],
    });
    decisions.set(transactionId, decision);
    return { decision, cached: false };
  };
}

function memoryLedger(
  decisions: Map<string, DecisionRecord>,
  queries: DecisionQuery[],
): Pick<LedgerStore, 'decisions' | 'entity' | 'entityPayments' | 'stats'> {
  const rows = (): DecisionRow[] => [...decisions.values()].map(rowOf).reverse();
  return {
    decisions: async (query): Promise<DecisionPage> => {
      queries.push(query);
      const after = rows().filter(({ seq }) => query.beforeSeq === undefined || seq < query.beforeSeq);
      const page = after.slice(0, query.limit);
      return after.length > page.length ? { rows: page, nextBeforeSeq: page.at(-1)!.seq } : { rows: page };
    },
    entity: async (kind, id): Promise<EntitySummary | undefined> => {
      const mine = rows().filter(({ transaction }) => transaction.userId === id);
      if (kind !== 'user' || mine.length === 0) return undefined;
      return {
        kind,
        id,
        payments: mine.length,
        amountBaseMinor: mine.reduce((sum, row) => sum + row.amountBaseMinor, 0),
        firstSeenMs: NOON_MS,
        lastSeenMs: NOON_MS,
        outcomes: { approve: mine.length, review: 0, block: 0 },
        frauds: 0,
        lastSeq: mine[0]!.seq,
      };
    },
    entityPayments: async (_kind, id, { limit }) =>
      rows()
        .filter(({ transaction }) => transaction.userId === id)
        .slice(0, limit),
    stats: async () => ({
      decisions: decisions.size,
      outcomes: { approve: decisions.size, review: 0, block: 0 },
      amountBaseMinor: 2_500,
      averageScore: 0.03,
      cacheHits: 0,
      labelled: 0,
      frauds: 0,
      fraudsCaught: 0,
      fraudAmountBaseMinor: 0,
      fraudCaughtAmountBaseMinor: 0,
      genuineStopped: 0,
      latencyUs: { p50: 400, p95: 900, p99: 1_200 },
    }),
  };
}

function explain(decisions: Map<string, DecisionRecord>): ServerDeps['explainDecision'] {
  return async (id) => {
    const decision = decisions.get(id);
    if (decision === undefined) throw new SentinelError('NOT_FOUND', { what: 'Transaction', id });
    const value = (index: number): number | null => {
      const number = decision.vector?.[index] ?? NaN;
      return Number.isNaN(number) ? null : number;
    };
    return {
      decision,
      contributions: FEATURES.map(({ name, kind }, index) => ({
        feature: name,
        value: value(index),
        contribution: 0.5,
        isCategory: kind === 'category',
      })),
      evidence: [
        {
          entity: 'user',
          id: decision.transaction.userId,
          windowMs: 3_600_000,
          features: ['user_txn_count_1h'],
          payments: [rowOf(decision)],
          truncated: false,
        },
      ],
      evidenceComplete: true,
      labels: [{ transactionId: id, isFraud: true, source: 'analyst', arrivalMs: NOON_MS, seq: 9, inForce: true }],
    };
  };
}

export function anHttpWorld({ limits, scoreTransaction, ...overrides }: WorldOptions = {}): HttpWorld {
  const payments: PaymentRequest[] = [];
  const labels: LabelRequest[] = [];
  const queries: DecisionQuery[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const requests: { route: string; status: number; durationUs: number }[] = [];
  const decisions = new Map<string, DecisionRecord>();
  const ledger = memoryLedger(decisions, queries);
  const clock = { nowMs: () => NOON_MS, monotonicUs: () => performance.now() * 1_000 };
  const server = createServer({
    answerPayment: createAnswerPayment(scoreTransaction ?? memoryScorer(payments, decisions), CATALOGUES),
    recordLabel: async (request) => {
      labels.push(request);
      const status = decisions.has(request.transactionId) ? 'recorded' : 'waiting';
      return { transactionId: request.transactionId, status, inForce: { ...request, arrivalMs: NOON_MS } };
    },
    explainDecision: explain(decisions),
    listDecisions: createListDecisions({ ledger, isPastWhole: () => true }),
    stats: async (fromMs, toMs) => ({ ...(await ledger.stats(fromMs, toMs)), ledgerLagRecords: 7 }),
    describeEntity: createDescribeEntity({
      ledger,
      profileOf: async (kind, id) => (kind === 'user' && id === 'user_1' ? aProfile(kind, id) : undefined),
      clock,
      isPastWhole: () => true,
    }),
    modelInfo: async () => ({
      modelType: 'stack of logistic, forest, boosting',
      modelVersion: 'v20260101_000000',
      stage: 'production',
      trainingMetrics: { average_precision: 0.9 },
      trainedMs: NOON_MS,
      features: FEATURES.map(({ name }) => name),
      thresholds: { review: 0.3, block: 0.8 },
      calibration: { method: 'isotonic', ece: 0.01, brier: 0.02 },
    }),
    models: async () => [
      { version: 'v20260101_000000', stage: 'production', createdMs: NOON_MS, metrics: { auc: 0.9 } },
    ],
    health: async () => ({
      status: 'healthy',
      modelVersion: 'v20260101_000000',
      cache: 'connected',
      database: 'connected',
      stream: 'connected',
      uptimeMs: 1_500,
      checkedMs: NOON_MS,
    }),
    readiness: async () => ({ ready: true, reason: 'ready' }),
    metricsText: async () => '# HELP x x\n',
    monitoringMetrics: async () => ({
      sinceMs: NOON_MS - 1_000,
      untilMs: NOON_MS,
      decisions: decisions.size,
      outcomes: { approve: decisions.size, review: 0, block: 0 },
      fraudRate: 0,
      averageScore: 0.03,
      cacheHits: 0,
      fallbacks: 0,
      latePayments: 0,
      latencyUs: { p50: 400, p95: 900, p99: 1_200 },
      ratePerSecond: 12,
      ledgerLagRecords: 0,
      journalHeadSeq: decisions.size,
    }),
    config: () => ({ port: 8000, journal_key: '***' }),
    catalogues: CATALOGUES,
    baseCurrency: 'USD',
    tokenise: (pan) => `pan_1_${hashRequest(pan)}`,
    hash: hashRequest,
    keys: createKeyRing([]),
    clock,
    telemetry: { request: (route, status, durationUs) => requests.push({ route, status, durationUs }) },
    log: { error: (fields) => logged.push(fields) },
    ...overrides,
    limits: { ...DEFAULT_LIMITS, ...limits },
  });
  return { server, payments, labels, queries, logged, requests };
}

/** Sends `body` as JSON to a route of `world`. */
export function post(
  world: HttpWorld,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ReturnType<FastifyInstance['inject']> {
  return world.server.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  }) as unknown as ReturnType<FastifyInstance['inject']>;
}
