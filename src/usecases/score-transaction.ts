/** One payment in, one recorded decision out: the whole product in one function. */
import { type DecisionVerdict, type Decider } from '../decisions/decide.ts';
import { type Policy } from '../decisions/policy.ts';
import { SentinelError } from '../domain/errors.ts';
import { toBaseMinor } from '../domain/money.ts';
import { FUTURE_BOUND_MS, formatRfc3339 } from '../domain/time.ts';
import { type Transaction } from '../domain/transaction.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { sentence } from '../features/sentences.ts';
import {
  type CacheHitRecord,
  type DecisionRecord,
  type LabelRecord,
  type PinnedVersions,
  type Unplaced,
} from '../journal/record.ts';
import { type Clock } from '../ports/clock.ts';
import { type Appended, type Journal } from '../ports/journal.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { type ExplanationPolicy } from '../scoring/artifact.ts';
import { strongest } from '../scoring/reasons.ts';
import { type Score, type Scorer } from '../scoring/score.ts';
import { createVectorPool } from '../scoring/vector-pool.ts';
import { completeTransaction, isComplete, type SentTransaction } from './complete-transaction.ts';
import { type Fold, paymentReference } from './fold.ts';
import { publishTablesWhenDue } from './publish-tables.ts';
import { refuseWithoutRoom } from './refuse-without-room.ts';

/** A validated and masked request; id and event time are given their defaults here. */
export interface PaymentRequest {
  readonly transaction: SentTransaction;
  /** First 128 bits of SHA-256 over the canonical JSON as sent (masked, before defaults), 32 hex digits. */
  readonly requestHash: string;
}

export interface Answered {
  readonly decision: DecisionRecord;
  /** The payment had been answered before, with this decision. */
  readonly cached: boolean;
}

/**
 * Resolves once the decision is durable. Rejects with UNKNOWN_CURRENCY, TIMESTAMP_IN_FUTURE, ID_REUSED, OVERLOADED,
 * SHUTTING_DOWN, JOURNAL_UNAVAILABLE or DISK_FULL; then nothing was recorded.
 */
export type ScoreTransaction = (request: PaymentRequest) => Promise<Answered>;

/** What decides at one moment; replaced as a whole when a model or a policy is promoted. */
export interface Champion {
  readonly scorer: Scorer;
  readonly explanations: ExplanationPolicy;
  readonly policy: Policy;
  readonly decider: Decider;
  /** What the vectors mean. */
  readonly catalogue: Catalogue;
}

export interface ScoringDeps {
  readonly fold: Fold;
  readonly champion: () => Champion;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** A new unique transaction id. */
  readonly newId: () => string;
  /** A decision that takes longer than this before it is recorded is replaced by the policy's fallback. */
  readonly deadlineMs: number;
}

/** What is decided about. */
type Judged = Pick<DecisionRecord, 'transaction' | 'amountBaseMinor' | 'arrivalMs'>;

type Judgement = Pick<
  DecisionRecord,
  | 'margin'
  | 'probability'
  | 'baseMargin'
  | 'reasons'
  | 'rules'
  | 'outcome'
  | 'riskLevel'
  | 'vector'
  | 'contributions'
  | 'fallbackCause'
>;

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** Between reading and updating the profiles nothing is awaited, so the order of the journal is the order of events. */
export function createScoreTransaction(deps: ScoringDeps): ScoreTransaction {
  const { fold, journal, clock, telemetry } = deps;
  const { engine } = fold;
  const nextVector = createVectorPool(engine.catalogue.features.length);

  const repeat = async (request: PaymentRequest, transactionId: string, requestHash: string): Promise<Answered> => {
    if (requestHash !== request.requestHash) throw new SentinelError('ID_REUSED', { id: transactionId });
    const decision = await journal.findDecision(transactionId);
    if (decision === undefined) throw new SentinelError('JOURNAL_UNAVAILABLE');
    refuseWithoutRoom(journal);
    const arrivalMs = Math.max(fold.position().arrivalMs, clock.nowMs());
    const hit = journal.append<CacheHitRecord>({
      type: 'cache_hit',
      arrivalMs,
      transactionId,
      decisionSeq: decision.seq,
    });
    fold.apply(hit.record);
    telemetry.cacheHit();
    await hit.committed;
    return { decision, cached: true };
  };

  const scoreNew = (request: PaymentRequest, transactionId: string): { record: DecisionRecord; appended: Appended } => {
    refuseWithoutRoom(journal);
    const startedUs = clock.monotonicUs();
    const champion = deps.champion();
    const { policy, scorer, decider } = champion;
    const arrivalMs = Math.max(fold.position().arrivalMs, clock.nowMs());
    const transaction = isComplete(request.transaction)
      ? request.transaction
      : completeTransaction(request.transaction, transactionId, request.transaction.eventTimeMs ?? arrivalMs);
    if (transaction.eventTimeMs > arrivalMs + FUTURE_BOUND_MS) {
      throw new SentinelError('TIMESTAMP_IN_FUTURE', { timestamp: formatRfc3339(transaction.eventTimeMs) });
    }
    const amountBaseMinor = toBaseMinor(transaction.amountMinor, transaction.currency, policy.rates);
    if (amountBaseMinor === undefined) throw new SentinelError('UNKNOWN_CURRENCY', { currency: transaction.currency });
    publishTablesWhenDue(fold, journal, arrivalMs);

    const arrival = { seq: journal.nextSeq(), arrivalMs, transaction, amountBaseMinor };
    const vector = nextVector();
    let late = false;
    let featuresUs = 0;
    let judgement: Judgement;
    try {
      late = engine.read(arrival, vector);
      featuresUs = clock.monotonicUs() - startedUs;
      judgement = judge(vector, champion, arrival);
      if (clock.monotonicUs() - startedUs > deps.deadlineMs * 1_000)
        judgement = fallback(decider, arrival, 'deadline', vector);
    } catch (error) {
      judgement = fallback(decider, arrival, error instanceof Error ? error.message : 'unknown', undefined);
    }
    const totalUs = clock.monotonicUs() - startedUs;
    // Field by field: V8 copies an object into another in a microsecond.
    const { contributions, fallbackCause } = judgement;
    const record: Writable<Unplaced<DecisionRecord>> = {
      type: 'decision',
      arrivalMs,
      transaction,
      amountBaseMinor,
      requestHash: request.requestHash,
      versions: pinned(scorer, policy, fold),
      margin: judgement.margin,
      probability: judgement.probability,
      baseMargin: judgement.baseMargin,
      reasons: judgement.reasons,
      rules: judgement.rules,
      outcome: judgement.outcome,
      riskLevel: judgement.riskLevel,
      late,
      durations: { featuresUs, scoreUs: totalUs - featuresUs, totalUs },
    };
    if (judgement.vector !== undefined) record.vector = judgement.vector;
    if (contributions !== undefined) record.contributions = contributions;
    if (fallbackCause !== undefined) record.fallbackCause = fallbackCause;
    const appended = journal.append<DecisionRecord>(record);
    const placed = appended.record;
    fold.apply(placed);
    bindWaitingLabels(placed);
    telemetry.decision(record.outcome, record.probability, record.durations);
    if (late) telemetry.late();
    if (record.fallbackCause !== undefined) telemetry.fallback(record.fallbackCause);
    return { record: placed, appended };
  };

  const bindWaitingLabels = (decision: DecisionRecord): void => {
    for (const label of fold.waitingLabels(decision.transaction.transactionId)) {
      const record = {
        type: 'label',
        arrivalMs: decision.arrivalMs,
        label,
        payment: paymentReference(decision),
      } as const;
      fold.apply(journal.append<LabelRecord>(record).record);
    }
  };

  return async (request) => {
    const given = request.transaction.transactionId;
    if (given !== undefined) {
      let known = journal.knownId(given);
      if (known === 'elsewhere') {
        const old = await journal.findDecision(given);
        if (old !== undefined) return repeat(request, given, old.requestHash);
        known = journal.knownId(given); // another request may have been answered while the disk was asked
      }
      if (known !== undefined && known !== 'elsewhere') return repeat(request, given, known.requestHash);
    }
    const { record, appended } = scoreNew(request, given ?? deps.newId());
    await appended.committed;
    return { decision: record, cached: false };
  };
}

/** Scores a vector and decides; the same call serves live payments and the proof that a record can be reproduced. */
export function judge(vector: Float64Array, champion: Champion, payment: Judged): Judgement {
  const { scorer, decider, explanations } = champion;
  const score = scorer.score(vector);
  const verdict: DecisionVerdict = decider.decide({
    transaction: payment.transaction,
    amountBaseMinor: payment.amountBaseMinor,
    arrivalMs: payment.arrivalMs,
    vector,
    probability: score.probability,
  });
  if (explanations === 'always' || verdict.outcome !== 'approve') scorer.explain(vector, score);
  const { contributions } = score;
  const judgement: Writable<Judgement> = {
    vector,
    margin: score.margin,
    probability: score.probability,
    baseMargin: score.baseMargin,
    reasons: reasonsOf(vector, score, champion.catalogue, payment.transaction),
    rules: verdict.rules,
    outcome: verdict.outcome,
    riskLevel: verdict.riskLevel,
  };
  if (contributions !== undefined) judgement.contributions = contributions;
  return judgement;
}

function reasonsOf(
  vector: Float64Array,
  { contributions }: Score,
  catalogue: Catalogue,
  transaction: Transaction,
): DecisionRecord['reasons'] {
  if (contributions === undefined) return [];
  return strongest(contributions).map((feature) => ({
    feature,
    text: sentence(feature, vector, catalogue, transaction),
  }));
}

function fallback(decider: Decider, payment: Judged, cause: string, vector: Float64Array | undefined): Judgement {
  const { outcome, riskLevel, rules } = decider.fallback(payment);
  return {
    margin: 0,
    probability: 0,
    baseMargin: 0,
    reasons: [],
    rules,
    outcome,
    riskLevel,
    fallbackCause: cause,
    ...(vector !== undefined && { vector }),
  };
}

/** The versions in force now. */
function pinned(scorer: Scorer, policy: Policy, fold: Fold): PinnedVersions {
  return {
    model: scorer.version,
    policy: policy.version,
    lists: policy.listsVersion,
    tables: fold.engine.tablesVersion,
    catalogue: fold.engine.catalogue.hash,
  };
}
