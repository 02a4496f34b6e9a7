/** The questions of the ledger as SQL. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type EntityKind } from '../../domain/entity.ts';
import { type LabelSource } from '../../domain/label.ts';
import { OUTCOMES, type Outcome } from '../../domain/outcome.ts';
import {
  type DecisionPage,
  type DecisionQuery,
  type DecisionRow,
  type EntityRange,
  type EntitySummary,
  type LabelRow,
  type PeriodStats,
} from '../../ledger/queries.ts';
import { storable } from './binary-array.ts';
import { type StoredDecision, DECISION_SELECT, decisionRow } from './decision-row.ts';
import { epochMs, timestamptz } from './sql-text.ts';

type Database = Kysely<unknown>;

const ENTITY_COLUMNS: Readonly<Record<EntityKind, string>> = {
  user: 'user_id',
  card: 'card_id',
  device: 'device_id',
  ip: 'ip_address',
  merchant: 'merchant_id',
};

const isEntity = (kind: EntityKind, id: string): RawBuilder<unknown> =>
  sql`${sql.ref(ENTITY_COLUMNS[kind])} = ${storable(id)}`;

function allOf(conditions: readonly (RawBuilder<unknown> | undefined)[]): RawBuilder<unknown> {
  const present = conditions.filter((condition) => condition !== undefined);
  return present.length === 0 ? sql`true` : sql.join(present, sql` and `);
}

export async function queryDecisions(database: Database, query: DecisionQuery): Promise<DecisionPage> {
  const { outcome, entity, fromMs, toMs, minScore, isFraud, beforeSeq, limit } = query;
  const where = allOf([
    outcome === undefined ? undefined : sql`decision = ${outcome}`,
    entity === undefined ? undefined : isEntity(entity.kind, entity.id),
    fromMs === undefined ? undefined : sql`created_at >= ${timestamptz(fromMs)}`,
    toMs === undefined ? undefined : sql`created_at < ${timestamptz(toMs)}`,
    minScore === undefined ? undefined : sql`probability >= ${minScore}::float8`,
    isFraud === undefined ? undefined : sql`is_fraud = ${isFraud}`,
    beforeSeq === undefined ? undefined : sql`seq < ${beforeSeq}`,
  ]);
  const { rows } = await sql<StoredDecision>`
    select ${sql.raw(DECISION_SELECT)} from transactions where ${where}
    order by transactions.seq desc limit ${limit + 1}`.execute(database);
  const page = rows.slice(0, limit).map(decisionRow);
  return rows.length <= limit ? { rows: page } : { rows: page, nextBeforeSeq: page.at(-1)!.seq };
}

export async function queryEntityPayments(
  database: Database,
  kind: EntityKind,
  id: string,
  { fromMs, toMs, beforeSeq, limit }: EntityRange,
): Promise<readonly DecisionRow[]> {
  const { rows } = await sql<StoredDecision>`
    select ${sql.raw(DECISION_SELECT)} from transactions
    where ${isEntity(kind, id)} and "timestamp" > ${timestamptz(fromMs)} and "timestamp" <= ${timestamptz(toMs)}
      and seq < ${beforeSeq}
    order by "timestamp" desc, transactions.seq desc limit ${limit}`.execute(database);
  return rows.map(decisionRow);
}

type OutcomeCounts = Readonly<Record<Outcome, number>>;

const OUTCOME_COUNTS = OUTCOMES.map(
  (outcome) => `(count(*) filter (where decision = '${outcome}'))::float8 as ${outcome}`,
).join(', ');

const outcomesOf = ({ approve, review, block }: OutcomeCounts): OutcomeCounts => ({ approve, review, block });

interface EntityAggregate extends OutcomeCounts {
  readonly payments: number;
  readonly amount: number;
  readonly first_seen: number | null;
  readonly last_seen: number | null;
  readonly last_seq: number | null;
  readonly frauds: number;
}

export async function queryEntity(
  database: Database,
  kind: EntityKind,
  id: string,
): Promise<EntitySummary | undefined> {
  const { rows } = await sql<EntityAggregate>`
    select count(*)::float8 as payments, coalesce(sum(amount_base_minor), 0)::float8 as amount,
      ${epochMs('min("timestamp")')} as first_seen, ${epochMs('max("timestamp")')} as last_seen,
      max(seq)::float8 as last_seq, (count(*) filter (where is_fraud))::float8 as frauds, ${sql.raw(OUTCOME_COUNTS)}
    from transactions where ${isEntity(kind, id)}`.execute(database);
  const row = rows[0]!;
  if (row.first_seen === null || row.last_seen === null || row.last_seq === null) return undefined;
  return {
    kind,
    id,
    payments: row.payments,
    amountBaseMinor: row.amount,
    firstSeenMs: row.first_seen,
    lastSeenMs: row.last_seen,
    lastSeq: row.last_seq,
    outcomes: outcomesOf(row),
    frauds: row.frauds,
  };
}

interface StoredLabel {
  readonly seq: number;
  readonly transaction_id: string;
  readonly is_fraud: boolean;
  readonly source: LabelSource;
  readonly campaign: string | null;
  readonly in_force: boolean;
  readonly arrival_ms: number;
}

export async function queryLabels(database: Database, transactionId: string): Promise<readonly LabelRow[]> {
  const { rows } = await sql<StoredLabel>`
    select seq::float8 as seq, transaction_id, is_fraud, source, campaign, in_force,
      ${epochMs('created_at')} as arrival_ms
    from labels where transaction_id = ${storable(transactionId)} order by labels.seq`.execute(database);
  return rows.map(({ seq, transaction_id, is_fraud, source, campaign, in_force, arrival_ms }) => ({
    seq,
    transactionId: transaction_id,
    isFraud: is_fraud,
    source,
    arrivalMs: arrival_ms,
    ...(campaign === null ? {} : { campaign }),
    inForce: in_force,
  }));
}

interface PeriodAggregate extends OutcomeCounts {
  readonly decisions: number;
  readonly amount: number;
  readonly score: number | null;
  readonly labelled: number;
  readonly frauds: number;
  readonly caught: number;
  readonly fraud_amount: number;
  readonly caught_amount: number;
  readonly genuine_stopped: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly cache_hits: number;
}

export async function queryStats(database: Database, fromMs: number, toMs: number): Promise<PeriodStats> {
  const period = sql`created_at >= ${timestamptz(fromMs)} and created_at < ${timestamptz(toMs)}`;
  const { rows } = await sql<PeriodAggregate>`
    select count(*)::float8 as decisions, ${sql.raw(OUTCOME_COUNTS)},
      coalesce(sum(amount_base_minor), 0)::float8 as amount, avg(probability) as score,
      count(is_fraud)::float8 as labelled, (count(*) filter (where is_fraud))::float8 as frauds,
      (count(*) filter (where is_fraud and decision <> 'approve'))::float8 as caught,
      coalesce(sum(amount_base_minor) filter (where is_fraud), 0)::float8 as fraud_amount,
      coalesce(sum(amount_base_minor) filter (where is_fraud and decision <> 'approve'), 0)::float8 as caught_amount,
      (count(*) filter (where not is_fraud and decision <> 'approve'))::float8 as genuine_stopped,
      percentile_disc(0.5) within group (order by total_us) as p50,
      percentile_disc(0.95) within group (order by total_us) as p95,
      percentile_disc(0.99) within group (order by total_us) as p99,
      (select count(*)::float8 from prediction_logs where cache_hit and ${period}) as cache_hits
    from transactions where ${period}`.execute(database);
  const row = rows[0]!;
  return {
    decisions: row.decisions,
    outcomes: outcomesOf(row),
    amountBaseMinor: row.amount,
    averageScore: row.score ?? 0,
    cacheHits: row.cache_hits,
    labelled: row.labelled,
    frauds: row.frauds,
    fraudsCaught: row.caught,
    fraudAmountBaseMinor: row.fraud_amount,
    fraudCaughtAmountBaseMinor: row.caught_amount,
    genuineStopped: row.genuine_stopped,
    latencyUs: { p50: row.p50 ?? 0, p95: row.p95 ?? 0, p99: row.p99 ?? 0 },
  };
}
