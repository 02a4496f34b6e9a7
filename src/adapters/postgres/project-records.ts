/** Writes the rows of journal records and moves the position of their source, in one transaction. */
import { type Kysely, sql } from 'kysely';
import { surveyFrames, takeRecords } from '../../journal/frame.ts';
import {
  type CacheHitRecord,
  type ChangeRecord,
  type DeadLetterRecord,
  type DecisionRecord,
  type JournalRecord,
  type LabelRecord,
} from '../../journal/record.ts';
import { type LedgerBatch, type LedgerStore } from '../../ports/ledger-store.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { binaryArray } from './binary-array.ts';
import { type NamesByCatalogue } from './explanation.ts';
import { createPartitionKeeper, monthOf } from './partitions.ts';
import { projectLabels } from './project-labels.ts';

type RecordOf = { readonly [R in JournalRecord as R['type']]: R };

function ofType<T extends JournalRecord['type']>(records: readonly JournalRecord[], type: T): readonly RecordOf[T][] {
  return records.filter((record): record is RecordOf[T] & JournalRecord => record.type === type);
}

async function projectRepeats(transaction: Kysely<unknown>, records: readonly CacheHitRecord[]): Promise<void> {
  await sql`
    insert into prediction_logs (seq, transaction_id, fraud_score, prediction, decision, model_version, policy_version,
      cache_hit, created_at)
    select hit.seq, hit.transaction_id, t.fraud_score, t.decision <> 'approve', t.decision, t.model_version,
      t.policy_version, true, hit.created_at
    from unnest(
      ${binaryArray(
        'int8',
        records.map(({ seq }) => seq),
      )}::int8[],
      ${binaryArray(
        'text',
        records.map(({ transactionId }) => transactionId),
      )}::text[],
      ${binaryArray(
        'int8',
        records.map(({ decisionSeq }) => decisionSeq),
      )}::int8[],
      ${binaryArray(
        'timestamptz',
        records.map(({ arrivalMs }) => arrivalMs),
      )}::timestamptz[]
    ) as hit(seq, transaction_id, decision_seq, created_at)
    join transactions t on t.seq = hit.decision_seq
    where not exists (
      select from prediction_logs log where log.transaction_id = hit.transaction_id and log.seq = hit.seq
    )`.execute(transaction);
}

/** A run ends once; recorded by two services, it is the same run. */
async function projectRun(transaction: Kysely<unknown>, { version: id, after }: ChangeRecord): Promise<void> {
  await sql`insert into runs (run_id, kind, state, model_version, parameters, metrics, created_at, finished_at)
    select ${id}, run->>'source', run->>'status', run->>'model', run->'parameters', run->'metrics',
      to_timestamp((run->>'startedMs')::float8 / 1000), to_timestamp((run->>'endedMs')::float8 / 1000)
    from (select ${after}::text::jsonb as run) as told
    on conflict (run_id) do nothing`.execute(transaction);
}

async function projectChanges(transaction: Kysely<unknown>, records: readonly ChangeRecord[]): Promise<void> {
  for (const record of records) {
    const { seq, subject, version, actor, before, after, arrivalMs } = record;
    if (subject === 'run') {
      await projectRun(transaction, record);
      continue; // it changes nothing of what decides
    }
    const at = sql`to_timestamp(${arrivalMs}::float8 / 1000)`;
    const { numAffectedRows } = await sql`
      insert into audit_log (seq, subject, version, actor, before, after, created_at)
      values (${seq}, ${subject}, ${version}, ${actor}, ${before ?? null}, ${after}, ${at})
      on conflict (seq) do nothing`.execute(transaction);
    if (numAffectedRows === 0n) continue;
    if (subject === 'model') {
      await sql`update models set stage = 'archived' where stage = 'production'`.execute(transaction);
      await sql`insert into models (version, stage, seq, actor, created_at)
        values (${version}, 'production', ${seq}, ${actor}, ${at})
        on conflict (version) do update set stage = excluded.stage, seq = excluded.seq, actor = excluded.actor,
          created_at = excluded.created_at`.execute(transaction);
    }
    if (subject === 'policy') {
      await sql`insert into policies (version, document, seq, actor, created_at)
        values (${version}, ${after}, ${seq}, ${actor}, ${at})
        on conflict (version) do update set document = excluded.document, seq = excluded.seq, actor = excluded.actor,
          created_at = excluded.created_at`.execute(transaction);
    }
  }
}

async function projectDeadLetters(transaction: Kysely<unknown>, records: readonly DeadLetterRecord[]): Promise<void> {
  await sql`insert into dead_letters (seq, reason, payload, created_at) select * from unnest(
    ${binaryArray(
      'int8',
      records.map(({ seq }) => seq),
    )}::int8[],
    ${binaryArray(
      'text',
      records.map(({ reason }) => reason),
    )}::text[],
    ${binaryArray(
      'text',
      records.map(({ payload }) => payload),
    )}::text[],
    ${binaryArray(
      'timestamptz',
      records.map(({ arrivalMs }) => arrivalMs),
    )}::timestamptz[]) on conflict (seq) do nothing`.execute(transaction);
}

/** Writes decisions to all tables that have to do with them, and counts them, leaving out ids already there. */
export type WriteDecisions = (
  transaction: Kysely<unknown>,
  source: string,
  records: readonly DecisionRecord[],
  names: NamesByCatalogue,
) => Promise<void>;

export interface ProjectionSettings {
  readonly names: NamesByCatalogue;
  readonly writeDecisions: WriteDecisions;
  /** Whether other connections may project into the same tables. */
  readonly isShared: boolean;
}

/** Labels follow decisions and repeats so that they find the payments of their own batch. */
async function writeRows(
  transaction: Kysely<unknown>,
  source: string,
  records: readonly JournalRecord[],
  { writeDecisions, names }: ProjectionSettings,
): Promise<void> {
  const decisions = ofType(records, 'decision');
  if (decisions.length > 0) await writeDecisions(transaction, source, decisions, names);
  const repeats = ofType(records, 'cache_hit');
  if (repeats.length > 0) await projectRepeats(transaction, repeats);
  const labels: readonly LabelRecord[] = ofType(records, 'label');
  if (labels.length > 0) await projectLabels(transaction, source, labels);
  const changes = ofType(records, 'change');
  if (changes.length > 0) await projectChanges(transaction, changes);
  const letters = ofType(records, 'dead_letter');
  if (letters.length > 0) await projectDeadLetters(transaction, letters);
}

/** Names the lock below: “projects” in ASCII, 63 bits. */
const PROJECTION_LOCK = 0x70726f6a65637473n;

/**
 * A payment and the labels that know it come from one source, in order. A label that does not may meet its payment in
 * another transaction, where neither sees the other; such a batch, and one that changes what is in force, waits until it
 * is alone. All others run side by side.
 */
async function takeTurn(transaction: Kysely<unknown>, records: readonly JournalRecord[]): Promise<void> {
  const needsAll = records.some(
    (record) => record.type === 'change' || (record.type === 'label' && record.payment === undefined),
  );
  const lock = sql.raw(needsAll ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared');
  await sql`select ${lock}(${sql.raw(String(PROJECTION_LOCK))}::bigint)`.execute(transaction);
}

/** The position of a source, which nobody else can move until the transaction ends. */
async function lockPosition(transaction: Kysely<unknown>, source: string): Promise<number> {
  const select = sql<{ position: number }>`
    select position::float8 as position from ledger_positions where source = ${source} for update`;
  const known = (await select.execute(transaction)).rows[0];
  if (known !== undefined) return known.position;
  await sql`insert into ledger_positions (source, position) values (${source}, 0) on conflict do nothing`.execute(
    transaction,
  );
  return (await select.execute(transaction)).rows[0]!.position;
}

/** Without the copies of a record that follow it, as when an append was repeated whose answer got lost. */
function withoutCopies(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const seqs = new Set(records.map(({ seq }) => seq));
  return seqs.size === records.length ? records : records.filter(({ seq }) => seqs.delete(seq));
}

/** A function that projects batches: rows and position change together or not at all. */
export function createRecordProjection(
  database: Kysely<unknown>,
  settings: ProjectionSettings,
): LedgerStore['project'] {
  const partitions = createPartitionKeeper(database);
  const project = async ({ source, after, upTo, frames }: LedgerBatch): Promise<undefined> => {
    const records = withoutCopies(takeRecords(frames, PRIMITIVES));
    await partitions.keep(new Set(records.map(({ arrivalMs }) => monthOf(arrivalMs))));
    await database.transaction().execute(async (transaction) => {
      if (settings.isShared) await takeTurn(transaction, records);
      const position = await lockPosition(transaction, source);
      if (position >= upTo) return;
      if (position !== after) {
        throw new Error(`Records of ${source} must follow ${position} without a gap; got those after ${after}`);
      }
      await writeRows(transaction, source, records, settings);
      const last = frames.length === 0 ? undefined : surveyFrames(frames);
      await sql`update ledger_positions set position = ${upTo}, record_seq = ${last?.lastSeq ?? null},
        record_checksum = ${last?.lastChecksum ?? null} where source = ${source}`.execute(transaction);
    });
  };
  return (batch) =>
    project(batch).catch((error: unknown) => {
      partitions.forget();
      throw error;
    });
}
