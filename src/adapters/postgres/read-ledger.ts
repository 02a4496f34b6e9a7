/** The questions of the ledger as SQL. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type EntityKind } from '../../domain/entity.ts';
import { type LabelSource } from '../../domain/label.ts';
import { leastShownAs, OUTCOMES, type Outcome } from '../../domain/outcome.ts';
import {
  type DecisionPage,
  type DecisionQuery,
  type DecisionRow,
  type EntityRange,
  type EntitySummary,
  type LabelRow,
} from '../../ledger/queries.ts';
import { storable } from './binary-array.ts';
import { type StoredDecision, DECISION_SELECT, decisionRow } from './decision-row.ts';
import { monthOf, monthStartMs } from './partitions.ts';
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

interface SeqRange {
  /** The first in. */
  readonly fromSeq?: number;
  /** The first out again. */
  readonly beforeSeq?: number;
}

/**
 * Arrivals never decrease along `seq`, so a period is a range of it, and every index that ends in `seq` finds a page of
 * the period at once, however far back it lies. Undefined when nothing arrived in it.
 */
async function seqRange(database: Database, fromMs = -Infinity, toMs = Infinity): Promise<SeqRange | undefined> {
  if (fromMs === -Infinity && toMs === Infinity) return {};
  const firstSince = (ms: number): RawBuilder<number | null> =>
    Number.isFinite(ms)
      ? sql`(select seq::float8 from transactions where created_at >= ${timestamptz(ms)} order by created_at, transactions.seq limit 1)`
      : sql`null::float8`;
  const { rows } = await sql<{ first: number | null; after: number | null }>`
    select ${firstSince(fromMs)} as first, ${firstSince(toMs)} as after`.execute(database);
  const { first, after } = rows[0]!;
  if (first === null && fromMs > -Infinity) return undefined;
  return { ...(first !== null && { fromSeq: first }), ...(after !== null && { beforeSeq: after }) };
}

/**
 * A range of `seq` holds the period already; a planner that took it and the times for independent would expect no rows
 * and read all of the period. So the partitions are chosen by whole months, and the time itself is no index's matter.
 */
const ANY_TIME = sql`created_at + interval '0'`;
const since = (ms: number): RawBuilder<unknown> =>
  sql`created_at >= ${timestamptz(monthStartMs(monthOf(ms)))} and ${ANY_TIME} >= ${timestamptz(ms)}`;
const before = (ms: number): RawBuilder<unknown> =>
  sql`created_at < ${timestamptz(monthStartMs(monthOf(ms) + 1))} and ${ANY_TIME} < ${timestamptz(ms)}`;

/**
 * Their index is ordered by time: the newest by `seq` are chosen in the index alone, however many payments there are, and
 * only those looked up.
 */
const BY_TIME: ReadonlySet<EntityKind> = new Set(['device', 'ip']);
const FOUND_NEWEST_FIRST = sql`where (seq, created_at) in (select seq, created_at from found) order by transactions.seq desc`;

export async function queryDecisions(database: Database, query: DecisionQuery): Promise<DecisionPage> {
  const { outcome, entity, fromMs, toMs, minScore, isFraud, limit } = query;
  const range = await seqRange(database, fromMs, toMs);
  if (range === undefined) return { rows: [] };
  const { fromSeq } = range;
  const beforeSeq = Math.min(query.beforeSeq ?? Infinity, range.beforeSeq ?? Infinity);
  const where = allOf([
    outcome === undefined ? undefined : sql`decision = ${outcome}`,
    entity === undefined ? undefined : isEntity(entity.kind, entity.id),
    fromMs === undefined ? undefined : since(fromMs),
    toMs === undefined ? undefined : before(toMs),
    minScore === undefined ? undefined : sql`probability >= ${leastShownAs(minScore)}::float8`,
    isFraud === undefined ? undefined : sql`is_fraud = ${isFraud}`,
    fromSeq === undefined ? undefined : sql`seq >= ${fromSeq}`,
    beforeSeq === Infinity ? undefined : sql`seq < ${beforeSeq}`,
  ]);
  const isByTime = entity !== undefined && BY_TIME.has(entity.kind);
  const chosen = sql`where ${where} order by transactions.seq desc limit ${limit + 1}`;
  const { rows } = await sql<StoredDecision>`
    ${isByTime ? sql`with found as materialized (select seq, created_at from transactions ${chosen})` : sql``}
    select ${sql.raw(DECISION_SELECT)} from transactions ${isByTime ? FOUND_NEWEST_FIRST : chosen}`.execute(database);
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

/** Above every other character: with it a prefix is above all that begins with the prefix. */
const LAST_CHARACTER = '\u{10FFFF}';

export async function querySearch(
  database: Database,
  idPrefix: string,
  limit: number,
): Promise<readonly DecisionRow[]> {
  const prefix = storable(idPrefix);
  const { rows } = await sql<StoredDecision>`
    with found as materialized (
      select seq, created_at from transaction_ids
      where transaction_id >= ${prefix} and transaction_id < ${prefix + LAST_CHARACTER}
      order by transaction_id limit ${limit}
    )
    select ${sql.raw(DECISION_SELECT)} from transactions where (seq, created_at) in (select seq, created_at from found)
    order by transactions.transaction_id`.execute(database);
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
