/** What many decisions amount to: of one entity, and of one period. */
import { type EntityKind } from '../domain/entity.ts';
import { type Outcome } from '../domain/outcome.ts';
import { type DecisionRow, type EntitySummary, type PeriodStats } from './queries.ts';

function outcomeCounts(rows: readonly DecisionRow[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { approve: 0, review: 0, block: 0 };
  for (const { outcome } of rows) counts[outcome]++;
  return counts;
}

const amountOf = (rows: readonly DecisionRow[]): number => rows.reduce((sum, row) => sum + row.amountBaseMinor, 0);

/** The summary of an entity's payments; undefined when there are none. */
export function summariseEntity(kind: EntityKind, id: string, rows: readonly DecisionRow[]): EntitySummary | undefined {
  if (rows.length === 0) return undefined;
  return {
    kind,
    id,
    payments: rows.length,
    amountBaseMinor: amountOf(rows),
    firstSeenMs: rows.reduce((first, row) => Math.min(first, row.transaction.eventTimeMs), Infinity),
    lastSeenMs: rows.reduce((last, row) => Math.max(last, row.transaction.eventTimeMs), -Infinity),
    lastSeq: rows.reduce((last, row) => Math.max(last, row.seq), 0),
    outcomes: outcomeCounts(rows),
    frauds: rows.filter(({ isFraud }) => isFraud).length,
  };
}

/** Two summaries of the same entity over different payments as one. */
export function mergeSummaries(a: EntitySummary, b: EntitySummary): EntitySummary {
  return {
    ...a,
    payments: a.payments + b.payments,
    amountBaseMinor: a.amountBaseMinor + b.amountBaseMinor,
    firstSeenMs: Math.min(a.firstSeenMs, b.firstSeenMs),
    lastSeenMs: Math.max(a.lastSeenMs, b.lastSeenMs),
    lastSeq: Math.max(a.lastSeq, b.lastSeq),
    outcomes: {
      approve: a.outcomes.approve + b.outcomes.approve,
      review: a.outcomes.review + b.outcomes.review,
      block: a.outcomes.block + b.outcomes.block,
    },
    frauds: a.frauds + b.frauds,
  };
}

/** The smallest value with at least `share` of all values at or below it; 0 when there are none. */
function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
}

/** The figures of a period's decisions and its `cacheHits` repeats. */
export function summarisePeriod(rows: readonly DecisionRow[], cacheHits: number): PeriodStats {
  const frauds = rows.filter(({ isFraud }) => isFraud === true);
  const caught = frauds.filter(({ outcome }) => outcome !== 'approve');
  const times = rows.map(({ totalUs }) => totalUs).sort((a, b) => a - b);
  return {
    decisions: rows.length,
    outcomes: outcomeCounts(rows),
    amountBaseMinor: amountOf(rows),
    averageScore: rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row.probability, 0) / rows.length,
    cacheHits,
    labelled: rows.filter(({ isFraud }) => isFraud !== undefined).length,
    frauds: frauds.length,
    fraudsCaught: caught.length,
    fraudAmountBaseMinor: amountOf(frauds),
    fraudCaughtAmountBaseMinor: amountOf(caught),
    genuineStopped: rows.filter(({ isFraud, outcome }) => isFraud === false && outcome !== 'approve').length,
    latencyUs: { p50: quantile(times, 0.5), p95: quantile(times, 0.95), p99: quantile(times, 0.99) },
  };
}
