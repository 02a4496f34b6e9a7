/** Why a payment was decided as it was: every contribution, and the earlier payments behind each aggregate. */
import { type AttributeCategory } from '../domain/attribute-text.ts';
import { type EntityKind, entityId } from '../domain/entity.ts';
import { SentinelError } from '../domain/errors.ts';
import { unnamedFeature } from '../domain/unnamed-feature.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { effectiveTimeMs } from '../features/event-time.ts';
import { type FeatureDefinition } from '../features/feature.ts';
import { type DecisionRecord, type PinnedVersions } from '../journal/record.ts';
import { isWithin } from '../ledger/decision-row.ts';
import { type DecisionRow, type EntityRange, type LabelRow } from '../ledger/queries.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';
import { type Scorer } from '../scoring/score.ts';
import { unlessNotReady } from './unless-not-ready.ts';

export interface NamedContribution {
  readonly feature: string;
  /** The feature's value; null when missing. */
  readonly value: number | null;
  readonly contribution: number;
  /** The value stands for a word of the payment. */
  readonly isCategory: boolean;
  /** The attribute that holds the word; absent when a field of the payment does. */
  readonly category?: AttributeCategory;
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
  /** False while the ledger cannot be asked, or has not caught up: evidence or labels may be missing. */
  readonly evidenceComplete: boolean;
}

/** Rejects with NOT_FOUND for an id never answered. */
export type ExplainDecision = (transactionId: string) => Promise<ExplainedDecision>;

const EVIDENCE_LIMIT = 200;

/** Whether `bound` is what was recorded of the label of `waiting` again, once its payment was decided. */
function isBoundAgain(bound: LabelRow, waiting: LabelRow): boolean {
  return (
    bound.arrivalMs === waiting.arrivalMs &&
    bound.source === waiting.source &&
    bound.isFraud === waiting.isFraud &&
    bound.campaign === waiting.campaign
  );
}

/** Each label that arrived once, whether it had to wait for the decision at `decisionSeq` or not. */
function eachOnce(labels: readonly LabelRow[], decisionSeq: number): readonly LabelRow[] {
  const behind = labels.filter(({ seq }) => seq > decisionSeq);
  return labels.filter((label) => label.seq > decisionSeq || !behind.some((other) => isBoundAgain(other, label)));
}

export function createExplainDecision(deps: {
  readonly findDecision: (transactionId: string) => Promise<DecisionRecord | undefined>;
  readonly ledger: Pick<LedgerStore, 'entityPayments' | 'labels'>;
  /** Those by which decisions were made; features of another are named by their place, and nothing is known of their windows. */
  readonly catalogues: readonly Catalogue[];
  /** The scorer of a pinned version; undefined when its artifact is gone. */
  readonly scorerOf: (versions: PinnedVersions) => Promise<Scorer | undefined>;
  /** False while payments or labels are neither in memory nor in the ledger yet. */
  readonly isPastWhole: () => boolean;
}): ExplainDecision {
  const { ledger, catalogues } = deps;

  const featuresOf = ({ versions }: DecisionRecord): readonly FeatureDefinition[] =>
    catalogues.find(({ hash }) => hash === versions.catalogue)?.features ?? [];

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
    const features = featuresOf(decision);
    return Array.from(contributions, (contribution, index) => ({
      feature: features[index]?.name ?? unnamedFeature(index),
      value: Number.isNaN(vector[index]) ? null : vector[index]!,
      contribution,
      isCategory: features[index]?.kind === 'category',
      ...(features[index]?.category && { category: features[index].category }),
    }));
  };

  const evidenceOf = async (decision: DecisionRecord): Promise<readonly Evidence[]> => {
    const groups = new Map<string, { kind: EntityKind; windowMs: number; features: string[] }>();
    const widestMs = new Map<EntityKind, number>();
    for (const { name, entity, windowMs } of featuresOf(decision)) {
      if (entity === undefined || windowMs === undefined) continue;
      const key = `${entity} ${windowMs}`;
      const group = groups.get(key) ?? { kind: entity, windowMs, features: [] };
      group.features.push(name);
      groups.set(key, group);
      widestMs.set(entity, Math.max(windowMs, widestMs.get(entity) ?? 0));
    }
    const toMs = effectiveTimeMs(decision);
    const rangeOf = (windowMs: number): EntityRange => ({
      fromMs: toMs - windowMs,
      toMs,
      beforeSeq: decision.seq,
      limit: EVIDENCE_LIMIT + 1,
    });
    /** The newest of the widest window: a smaller window’s are the first of them. */
    const newest = new Map<EntityKind, { readonly id: string; readonly rows: readonly DecisionRow[] }>();
    for (const [kind, windowMs] of widestMs) {
      const id = entityId(decision.transaction, kind);
      if (id !== undefined) newest.set(kind, { id, rows: await ledger.entityPayments(kind, id, rangeOf(windowMs)) });
    }
    return [...groups.values()].flatMap(({ kind, windowMs, features }) => {
      const found = newest.get(kind);
      if (found === undefined) return [];
      const rows = found.rows.filter((row) => isWithin(row, rangeOf(windowMs)));
      const payments = rows.slice(0, EVIDENCE_LIMIT);
      return { entity: kind, id: found.id, windowMs, features, payments, truncated: rows.length > EVIDENCE_LIMIT };
    });
  };

  return async (transactionId) => {
    const decision = await deps.findDecision(transactionId);
    if (decision === undefined) throw new SentinelError('NOT_FOUND', { what: 'Transaction', id: transactionId });
    const contributions = await contributionsOf(decision);
    const isWhole = deps.isPastWhole();
    const evidence = await unlessNotReady(evidenceOf(decision));
    const labels = await unlessNotReady(ledger.labels(transactionId));
    return {
      decision,
      contributions,
      evidence: evidence ?? [],
      labels: eachOnce(labels ?? [], decision.seq),
      evidenceComplete: isWhole && evidence !== undefined && labels !== undefined,
    };
  };
}
