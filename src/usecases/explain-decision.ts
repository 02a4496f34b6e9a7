/** Why a payment was decided as it was: every contribution, and the earlier payments behind each aggregate. */
import { type EntityKind, entityId } from '../domain/entity.ts';
import { SentinelError } from '../domain/errors.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { effectiveTimeMs } from '../features/event-time.ts';
import { type DecisionRecord, type PinnedVersions } from '../journal/record.ts';
import { type DecisionRow, type LabelRow } from '../ledger/queries.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';
import { type Scorer } from '../scoring/score.ts';
import { unlessNotReady } from './unless-not-ready.ts';

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
  /** Newest first, at most EVIDENCE_LIMIT. */
  readonly payments: readonly DecisionRow[];
  readonly truncated: boolean;
}

export interface ExplainedDecision {
  readonly decision: DecisionRecord;
  /** In catalogue order; computed now, with the pinned model, when the record holds none; empty for a fallback or a model without them. */
  readonly contributions: readonly NamedContribution[];
  readonly evidence: readonly Evidence[];
  readonly labels: readonly LabelRow[];
  /** False while the ledger cannot be asked: evidence or labels may be missing. */
  readonly evidenceComplete: boolean;
}

/** Rejects with NOT_FOUND for an id never answered. */
export type ExplainDecision = (transactionId: string) => Promise<ExplainedDecision>;

const EVIDENCE_LIMIT = 200;

export function createExplainDecision(deps: {
  readonly findDecision: (transactionId: string) => Promise<DecisionRecord | undefined>;
  readonly ledger: Pick<LedgerStore, 'entityPayments' | 'labels'>;
  readonly catalogue: Catalogue;
  /** The scorer of a pinned version; undefined when its artifact is gone. */
  readonly scorerOf: (versions: PinnedVersions) => Promise<Scorer | undefined>;
}): ExplainDecision {
  const { ledger, catalogue } = deps;

  const contributionsOf = async (decision: DecisionRecord): Promise<readonly NamedContribution[]> => {
    const { vector } = decision;
    if (vector === undefined || decision.fallbackCause !== undefined) return [];
    let { contributions } = decision;
    if (contributions === undefined) {
      const scorer = await deps.scorerOf(decision.versions);
      if (scorer === undefined) return [];
      const score = scorer.score(vector);
      scorer.explain(vector, score);
      contributions = score.contributions;
      if (contributions === undefined) return [];
    }
    return catalogue.features.map(({ name }, index) => ({
      feature: name,
      value: Number.isNaN(vector[index]) ? null : vector[index]!,
      contribution: contributions[index]!,
    }));
  };

  const evidenceOf = async (decision: DecisionRecord): Promise<readonly Evidence[]> => {
    const groups = new Map<string, { kind: EntityKind; windowMs: number; features: string[] }>();
    for (const { name, entity, windowMs } of catalogue.features) {
      if (entity === undefined || windowMs === undefined) continue;
      const key = `${entity} ${windowMs}`;
      const group = groups.get(key) ?? { kind: entity, windowMs, features: [] };
      group.features.push(name);
      groups.set(key, group);
    }
    const evidence: Evidence[] = [];
    for (const { kind, windowMs, features } of groups.values()) {
      const id = entityId(decision.transaction, kind);
      if (id === undefined) continue;
      const toMs = effectiveTimeMs(decision);
      const range = { fromMs: toMs - windowMs, toMs, beforeSeq: decision.seq, limit: EVIDENCE_LIMIT + 1 };
      const payments = await ledger.entityPayments(kind, id, range);
      const truncated = payments.length > EVIDENCE_LIMIT;
      evidence.push({ entity: kind, id, windowMs, features, payments: payments.slice(0, EVIDENCE_LIMIT), truncated });
    }
    return evidence;
  };

  return async (transactionId) => {
    const decision = await deps.findDecision(transactionId);
    if (decision === undefined) throw new SentinelError('NOT_FOUND', { what: 'Transaction', id: transactionId });
    const contributions = await contributionsOf(decision);
    const evidence = await unlessNotReady(evidenceOf(decision));
    const labels = await unlessNotReady(ledger.labels(transactionId));
    return {
      decision,
      contributions,
      evidence: evidence ?? [],
      labels: labels ?? [],
      evidenceComplete: evidence !== undefined && labels !== undefined,
    };
  };
}
