/** The questions about periods as SQL. */
import { type Kysely, sql } from 'kysely';
import {
  type Breakdown,
  type BreakdownRow,
  type Figures,
  LATENCY_SAMPLE,
  type PeriodStats,
  type SeriesPoint,
} from '../../ledger/queries.ts';
import { NO_SUMS, type Sums } from './period-totals.ts';
import { timestamptz } from './sql-text.ts';
import { sumPeriod } from './sum-period.ts';

type Database = Kysely<unknown>;

function figuresOf(sums: Sums): Figures {
  const { approve, review, block } = sums;
  return {
    decisions: sums.decisions,
    outcomes: { approve, review, block },
    amountBaseMinor: sums.amount,
    averageScore: sums.scored === 0 ? 0 : sums.score / sums.scored,
    labelled: sums.labelled,
    frauds: sums.frauds,
    fraudsCaught: sums.caught,
    fraudAmountBaseMinor: sums.fraud_amount,
    fraudCaughtAmountBaseMinor: sums.caught_amount,
    genuineStopped: sums.genuine_stopped,
  };
}

interface Course {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly cache_hits: number;
}

export async function queryStats(database: Database, fromMs: number, toMs: number): Promise<PeriodStats> {
  const [sums = NO_SUMS] = await sumPeriod<object>(database, { fromMs, toMs, dimension: 'all', group: 'dimension' });
  const period = sql`created_at >= ${timestamptz(fromMs)} and created_at < ${timestamptz(toMs)}`;
  const { rows } = await sql<Course>`
    select percentile_disc(0.5) within group (order by total_us) as p50,
      percentile_disc(0.95) within group (order by total_us) as p95,
      percentile_disc(0.99) within group (order by total_us) as p99,
      (select count(*)::float8 from prediction_logs where cache_hit and ${period}) as cache_hits
    from (
      select total_us from transactions where ${period} order by created_at desc, seq desc limit ${LATENCY_SAMPLE}
    ) as newest`.execute(database);
  const { p50, p95, p99, cache_hits: cacheHits } = rows[0]!;
  return { ...figuresOf(sums), cacheHits, latencyUs: { p50: p50 ?? 0, p95: p95 ?? 0, p99: p99 ?? 0 } };
}

export async function querySeries(
  database: Database,
  fromMs: number,
  toMs: number,
  stepMs: number,
): Promise<readonly SeriesPoint[]> {
  const step = `interval '${Number(stepMs)} milliseconds'`;
  const group = `round(extract(epoch from date_bin(${step}, period, 'epoch')) * 1000)::float8 as start_ms`;
  const rows = await sumPeriod<{ readonly start_ms: number }>(database, {
    fromMs,
    toMs,
    dimension: 'all',
    group,
    stepMs,
  });
  return rows.map((row) => ({ startMs: row.start_ms, ...figuresOf(row) }));
}

export async function queryBreakdown(
  database: Database,
  by: Breakdown,
  fromMs: number,
  toMs: number,
): Promise<readonly BreakdownRow[]> {
  const group = 'value collate "C" as value';
  const rows = await sumPeriod<{ readonly value: string }>(database, { fromMs, toMs, dimension: by, group });
  return rows.map((row) => ({ value: row.value, ...figuresOf(row) }));
}
