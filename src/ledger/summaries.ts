/** What many decisions amount to: of one entity, and of one period. */
import { type EntityKind } from '../domain/entity.ts';
import { type Outcome } from '../domain/outcome.ts';
import {
  type Breakdown,
  type BreakdownRow,
  type DecisionRow,
  type EntitySummary,
  type Figures,
  LATENCY_SAMPLE,
  type PeriodStats,
  type SeriesPoint,
} from './queries.ts';

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

export function figuresOf(rows: readonly DecisionRow[]): Figures {
  const frauds = rows.filter(({ isFraud }) => isFraud === true);
  const scored = rows.filter(({ isScored }) => isScored);
  const caught = frauds.filter(({ outcome }) => outcome !== 'approve');
  return {
    decisions: rows.length,
    outcomes: outcomeCounts(rows),
    amountBaseMinor: amountOf(rows),
    averageScore: scored.length === 0 ? 0 : scored.reduce((sum, row) => sum + row.probability, 0) / scored.length,
    labelled: rows.filter(({ isFraud }) => isFraud !== undefined).length,
    frauds: frauds.length,
    fraudsCaught: caught.length,
    fraudAmountBaseMinor: amountOf(frauds),
    fraudCaughtAmountBaseMinor: amountOf(caught),
    genuineStopped: rows.filter(({ isFraud, outcome }) => isFraud === false && outcome !== 'approve').length,
  };
}

/** The figures of a period's decisions, in any order, and its `cacheHits` repeats. */
export function summarisePeriod(rows: readonly DecisionRow[], cacheHits: number): PeriodStats {
  const newest = [...rows].sort((a, b) => b.seq - a.seq).slice(0, LATENCY_SAMPLE);
  const times = newest.map(({ totalUs }) => totalUs).sort((a, b) => a - b);
  return {
    ...figuresOf(rows),
    cacheHits,
    latencyUs: { p50: quantile(times, 0.5), p95: quantile(times, 0.95), p99: quantile(times, 0.99) },
  };
}

function grouped<K extends string | number>(
  rows: readonly DecisionRow[],
  keyOf: (row: DecisionRow) => K,
): readonly (readonly [K, Figures])[] {
  const groups = new Map<K, DecisionRow[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, its]) => [key, figuresOf(its)]);
}

/** Figures by step, earliest first; steps without decisions are left out. */
export function summariseSeries(rows: readonly DecisionRow[], stepMs: number): readonly SeriesPoint[] {
  const startOf = ({ arrivalMs }: DecisionRow): number => Math.floor(arrivalMs / stepMs) * stepMs;
  return grouped(rows, startOf).map(([startMs, figures]) => ({ startMs, ...figures }));
}

const VALUE_OF: Readonly<Record<Breakdown, (row: DecisionRow) => string>> = {
  category: ({ transaction }) => transaction.merchantCategory,
  card: ({ transaction }) => transaction.cardType ?? '',
  device: ({ transaction }) => transaction.deviceType ?? '',
};

/** Figures by value, in the order of their characters. */
export function summariseBreakdown(rows: readonly DecisionRow[], by: Breakdown): readonly BreakdownRow[] {
  return grouped(rows, VALUE_OF[by]).map(([value, figures]) => ({ value, ...figures }));
}
