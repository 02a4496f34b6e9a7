/** A decision record as the ledger shows it, and whether it answers a query. */
import { entityId } from '../domain/entity.ts';
import { type Label } from '../domain/label.ts';
import { leastShownAs, type Outcome, type RiskLevel } from '../domain/outcome.ts';
import { type Transaction } from '../domain/transaction.ts';
import { type DecisionQuery, type DecisionRow, type EntityRange } from './queries.ts';

/** What a row needs of a decision; a decision record has it. */
export interface RecordedDecision {
  readonly seq: number;
  readonly arrivalMs: number;
  readonly transaction: Transaction;
  readonly amountBaseMinor: number;
  readonly probability: number;
  readonly fallbackCause?: string;
  readonly outcome: Outcome;
  readonly riskLevel: RiskLevel;
  readonly rules: readonly string[];
  readonly versions: { readonly model: string; readonly policy: string };
  readonly durations: { readonly totalUs: number };
}

/** Whether a decision was made by a score; the fallback's was not. */
export function hasScore({
  probability,
  fallbackCause,
}: Pick<RecordedDecision, 'probability' | 'fallbackCause'>): boolean {
  return fallbackCause === undefined && Number.isFinite(probability);
}

/** A probability that is no number (no score) shows as 0. */
export function shownScore(probability: number): number {
  return Number.isFinite(probability) ? probability : 0;
}

/** The row of `decision` with the label in force. */
export function decisionRow(decision: RecordedDecision, label: Label | undefined): DecisionRow {
  const { seq, arrivalMs, transaction, amountBaseMinor, probability, outcome, riskLevel, rules } = decision;
  return {
    seq,
    arrivalMs,
    transaction,
    amountBaseMinor,
    probability: shownScore(probability),
    isScored: hasScore(decision),
    outcome,
    riskLevel,
    rules,
    modelVersion: decision.versions.model,
    policyVersion: decision.versions.policy,
    totalUs: decision.durations.totalUs,
    ...(label === undefined ? {} : { isFraud: label.isFraud }),
  };
}

/** Whether `row` is among what `query` asks for, its limit aside. */
export function matches(row: DecisionRow, query: DecisionQuery): boolean {
  const { outcome, entity, fromMs, toMs, minScore, isFraud, beforeSeq } = query;
  return (
    (outcome === undefined || row.outcome === outcome) &&
    (entity === undefined || entityId(row.transaction, entity.kind) === entity.id) &&
    (fromMs === undefined || row.arrivalMs >= fromMs) &&
    (toMs === undefined || row.arrivalMs < toMs) &&
    (minScore === undefined || row.probability >= leastShownAs(minScore)) &&
    (isFraud === undefined || row.isFraud === isFraud) &&
    (beforeSeq === undefined || row.seq < beforeSeq)
  );
}

/** What places a payment among those of its entity; a row has it. */
export interface PlacedEvent {
  readonly seq: number;
  readonly transaction: Pick<Transaction, 'eventTimeMs'>;
}

/** Whether the payment is of that time and before that place, the limit of `range` aside. */
export function isWithin({ seq, transaction: { eventTimeMs } }: PlacedEvent, range: EntityRange): boolean {
  return seq < range.beforeSeq && eventTimeMs > range.fromMs && eventTimeMs <= range.toMs;
}

/** Newest event first; at the same time the later in the global order first. */
export function byEventDescending(a: PlacedEvent, b: PlacedEvent): number {
  return b.transaction.eventTimeMs - a.transaction.eventTimeMs || b.seq - a.seq;
}
