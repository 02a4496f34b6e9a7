/** One payment in, one recorded decision out: the whole product in one function. */
import { SentinelError } from '../domain/errors.ts';
import { toBaseMinor } from '../domain/money.ts';
import { FUTURE_BOUND_MS, formatRfc3339 } from '../domain/time.ts';
import { type CacheHitRecord, type DecisionRecord } from '../journal/record.ts';
import { type Clock } from '../ports/clock.ts';
import { type Appended, type Journal } from '../ports/journal.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { createVectorPool } from '../scoring/vector-pool.ts';
import { bindWaitingLabels } from './bind-labels.ts';
import { completeTransaction, isComplete, type SentTransaction } from './complete-transaction.ts';
import { type Fold } from './fold.ts';
import { type Champion, decideInTime, report, versionsOf } from './judge.ts';
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
    const { policy } = champion;
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

    const record = decideInTime(
      {
        arrival: { seq: journal.nextSeq(), arrivalMs, transaction, amountBaseMinor },
        requestHash: request.requestHash,
        versions: versionsOf(champion, engine.tablesVersion),
        read: (arrival, out) => engine.read(arrival, out),
        vector: nextVector(),
      },
      champion,
      { clock, startedUs, deadlineMs: deps.deadlineMs },
    );
    const appended = journal.append<DecisionRecord>(record);
    const placed = appended.record;
    fold.apply(placed);
    bindWaitingLabels(deps, placed, placed.arrivalMs); // durable no later than what is recorded next
    report(telemetry, record);
    return { record: placed, appended };
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
