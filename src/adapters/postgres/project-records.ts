/** Writes the rows of journal records and moves the position, in one transaction. */
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { takeRecords } from '../../journal/frame.ts';
import {
  type CacheHitRecord,
  type ChangeRecord,
  type DeadLetterRecord,
  type DecisionRecord,
  type JournalRecord,
  type LabelRecord,
} from '../../journal/record.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { binaryArray } from './binary-array.ts';
import { INSERT_DECISIONS, decisionParameters } from './decision-columns.ts';
import { type Catalogue } from './explanation.ts';
import { createPartitions, monthOf } from './partitions.ts';
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
    join transactions t on t.seq = hit.decision_seq`.execute(transaction);
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
    await sql`insert into audit_log (seq, subject, version, actor, before, after, created_at)
      values (${seq}, ${subject}, ${version}, ${actor}, ${before ?? null}, ${after}, ${at})`.execute(transaction);
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
    )}::timestamptz[])`.execute(transaction);
}

async function projectDecisions(
  transaction: Kysely<unknown>,
  records: readonly DecisionRecord[],
  catalogue: Catalogue,
): Promise<void> {
  await transaction.executeQuery(CompiledQuery.raw(INSERT_DECISIONS, decisionParameters(records, catalogue)));
}

/** Labels follow decisions and repeats so that they find the payments of their own batch. */
async function writeRows(
  transaction: Kysely<unknown>,
  records: readonly JournalRecord[],
  catalogue: Catalogue,
): Promise<void> {
  const decisions = ofType(records, 'decision');
  if (decisions.length > 0) await projectDecisions(transaction, decisions, catalogue);
  const repeats = ofType(records, 'cache_hit');
  if (repeats.length > 0) await projectRepeats(transaction, repeats);
  const labels: readonly LabelRecord[] = ofType(records, 'label');
  if (labels.length > 0) await projectLabels(transaction, labels);
  const changes = ofType(records, 'change');
  if (changes.length > 0) await projectChanges(transaction, changes);
  const letters = ofType(records, 'dead_letter');
  if (letters.length > 0) await projectDeadLetters(transaction, letters);
}

/**
 * A function that projects consecutive records: those at or before the position are skipped, a gap is refused, and
 * rows and position change together or not at all. Remembers which partitions are there.
 */
export function createRecordProjection(
  database: Kysely<unknown>,
  catalogue: Catalogue,
): (frames: Uint8Array) => Promise<void> {
  const months = new Set<number>();
  return async (frames) => {
    const touched = await database.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ seq: number }>`
        select seq::float8 as seq from ledger_position for update`.execute(transaction);
      const position = rows[0]!.seq;
      const fresh = takeRecords(frames, PRIMITIVES, position);
      const last = fresh.at(-1);
      if (last === undefined) return [];
      if (last.seq - position !== fresh.length) {
        throw new Error(
          `Records to project must follow ${position} without a gap; got ${fresh[0]!.seq} to ${last.seq}`,
        );
      }
      const missing = [...new Set(fresh.map(({ arrivalMs }) => monthOf(arrivalMs)))].filter((m) => !months.has(m));
      for (const month of missing) await createPartitions(transaction, month);
      await writeRows(transaction, fresh, catalogue);
      await sql`update ledger_position set seq = ${last.seq}`.execute(transaction);
      return missing;
    });
    for (const month of touched) months.add(month);
  };
}
