/** Why a payment was decided as it was: every contribution, and the earlier payments behind each aggregate. */
import { type DecisionRecord } from '../journal/record.ts';
import { type DecisionRow, type LabelRow } from '../ledger/queries.ts';
import { type EntityKind } from '../domain/entity.ts';

export interface NamedContribution {
  readonly feature: string;
  /** The feature's value; null when missing. */
  readonly value: number | null;
  readonly contribution: number;
}

/** The earlier payments that one entity's aggregates of one window were computed from. */
export interface Evidence {
  readonly entity: EntityKind;
  readonly id: string;
  readonly windowMs: number;
  /** Features of this entity and window. */
  readonly features: readonly string[];
  /** Newest first, at most 200. */
  readonly payments: readonly DecisionRow[];
  readonly truncated: boolean;
}

export interface ExplainedDecision {
  readonly decision: DecisionRecord;
  /** In catalogue order; computed now, with the pinned model, when the record holds none. */
  readonly contributions: readonly NamedContribution[];
  readonly evidence: readonly Evidence[];
  readonly labels: readonly LabelRow[];
}

/** Rejects with NOT_FOUND for an id never answered. */
export type ExplainDecision = (transactionId: string) => Promise<ExplainedDecision>;
