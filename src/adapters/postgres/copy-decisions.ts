/** Writes a batch of decisions to a server by binary COPY. */
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { type DecisionRecord } from '../../journal/record.ts';
import { hasScore } from '../../ledger/decision-row.ts';
import { binaryArray, type Element, type ElementType } from './binary-array.ts';
import { createRowWriter, type RowWriter } from './copy-rows.ts';
import { finite, TRANSACTION_COLUMNS } from './decision-columns.ts';
import { explanationOf, type NamesByCatalogue } from './explanation.ts';
import { alone, countDecisions } from './period-totals.ts';
import { copyQuery } from './server-dialect.ts';

const SCORE_DECIMALS = 4; // fraud_score numeric(5,4)
/** Of a payment, of a vector of 140 features, and of a row of the log without an explanation; buffers begin with that. */
const USUAL_TRANSACTION_BYTES = 900;
const USUAL_VECTOR_BYTES = 1_750;
const USUAL_LOG_BYTES = 256;

const TRANSACTION_TARGETS = [...TRANSACTION_COLUMNS.map(({ target }) => target!), 'fraud_score', 'is_fraud'];
const COPY_TRANSACTIONS = `copy transactions (${TRANSACTION_TARGETS.join(', ')}) from stdin (format binary)` as const;

const VECTOR_TARGETS = ['seq', 'created_at', 'features'] as const;
const COPY_VECTORS = `copy transaction_vectors (${VECTOR_TARGETS.join(', ')}) from stdin (format binary)` as const;

const LOG_TARGETS = [
  'seq',
  'transaction_id',
  'prediction_time_ms',
  'fraud_score',
  'prediction',
  'decision',
  'model_version',
  'policy_version',
  'cache_hit',
  'explanation',
  'created_at',
] as const;
const COPY_LOGS = `copy prediction_logs (${LOG_TARGETS.join(', ')}) from stdin (format binary)` as const;

function writeTransaction(
  rows: RowWriter,
  record: DecisionRecord,
  isFraud: boolean | null,
  names: NamesByCatalogue,
): void {
  rows.row(TRANSACTION_TARGETS.length);
  for (const { type, value, decimals } of TRANSACTION_COLUMNS) {
    const given = value(record, names);
    if (decimals === undefined) rows.value(type, given);
    else rows.numeric(given as number, decimals); // its type is float8
  }
  rows.numeric(finite(record.probability), SCORE_DECIMALS);
  rows.value('bool', isFraud);
}

function writeVector(rows: RowWriter, { seq, arrivalMs, vector }: DecisionRecord): void {
  if (vector === undefined) return;
  rows.row(VECTOR_TARGETS.length);
  rows.value('int8', seq);
  rows.value('timestamptz', arrivalMs);
  rows.floats(vector);
}

function writeLog(rows: RowWriter, record: DecisionRecord, names: NamesByCatalogue): void {
  const { seq, transaction, outcome, versions, durations, arrivalMs } = record;
  rows.row(LOG_TARGETS.length);
  rows.value('int8', seq);
  rows.value('text', transaction.transactionId);
  rows.value('float8', durations.totalUs / 1_000);
  rows.numeric(finite(record.probability), SCORE_DECIMALS);
  rows.value('bool', outcome !== 'approve');
  rows.value('text', outcome);
  rows.value('text', versions.model);
  rows.value('text', versions.policy);
  rows.value('bool', false);
  rows.jsonb(explanationOf(record, names));
  rows.value('timestamptz', arrivalMs);
}

/**
 * Claims the ids of a batch; COPY has no conflict clause. Gives the `seq` of those that were free with the label that
 * arrived before, if any. In the order of ids, so that two batches with an id in common wait and never lock each other.
 */
async function claimIds(
  transaction: Kysely<unknown>,
  records: readonly DecisionRecord[],
): Promise<ReadonlyMap<number, boolean | null>> {
  const ids = binaryArray('text', records.map(({ transaction: { transactionId } }) => transactionId)); // prettier-ignore
  const seqs = binaryArray('int8', records.map(({ seq }) => seq)); // prettier-ignore
  const times = binaryArray('timestamptz', records.map(({ arrivalMs }) => arrivalMs)); // prettier-ignore
  const { rows } = await sql<{ seq: number; is_fraud: boolean | null }>`
    with fresh as (
      insert into transaction_ids (transaction_id, seq, created_at)
      select * from unnest(${ids}::text[], ${seqs}::int8[], ${times}::timestamptz[]) as batch(id, seq, at)
      order by id, seq on conflict (transaction_id) do nothing returning transaction_id, seq
    )
    select fresh.seq::float8 as seq, labels.is_fraud
    from fresh left join labels on labels.transaction_id = fresh.transaction_id and labels.in_force`.execute(
    transaction,
  );
  return new Map(rows.map(({ seq, is_fraud }) => [seq, is_fraud]));
}

const COUNTED = {
  created_at: ['timestamptz', (record) => record.arrivalMs],
  merchant_category: ['text', ({ transaction }) => transaction.merchantCategory],
  card_type: ['text', ({ transaction }) => transaction.cardType],
  device_type: ['text', ({ transaction }) => transaction.deviceType],
  decision: ['text', (record) => record.outcome],
  amount_base_minor: ['int8', (record) => record.amountBaseMinor],
  probability: ['float8', (record) => finite(record.probability)],
  is_scored: ['bool', hasScore],
  is_fraud: ['bool', (_, isFraud) => isFraud],
} as const satisfies Readonly<
  Record<string, readonly [ElementType, (record: DecisionRecord, isFraud: boolean | null) => Element | undefined]>
>;
const COUNTED_COLUMNS = Object.entries(COUNTED);
const COUNTED_ARRAYS = COUNTED_COLUMNS.map(([, [type]], index) => `$${index + 2}::${type}[]`).join(', ');
const COUNT_DECISIONS = alone(
  countDecisions(
    `unnest(${COUNTED_ARRAYS}) as decided(${COUNTED_COLUMNS.map(([name]) => name).join(', ')})`,
    '$1::text',
  ),
);

function countParameters(
  source: string,
  records: readonly DecisionRecord[],
  fresh: ReadonlyMap<number, boolean | null>,
): readonly (string | Buffer)[] {
  const columns = COUNTED_COLUMNS.map(([, [type, valueOf]]) =>
    binaryArray(
      type,
      records.map((record) => valueOf(record, fresh.get(record.seq) ?? null) ?? null),
    ),
  );
  return [source, ...columns];
}

export async function copyDecisions(
  transaction: Kysely<unknown>,
  source: string,
  records: readonly DecisionRecord[],
  names: NamesByCatalogue,
): Promise<void> {
  const fresh = await claimIds(transaction, records);
  const written = records.filter(({ seq }) => fresh.has(seq));
  const transactions = createRowWriter(written.length * USUAL_TRANSACTION_BYTES);
  const vectors = createRowWriter(written.length * USUAL_VECTOR_BYTES);
  const logs = createRowWriter(written.length * USUAL_LOG_BYTES);
  for (const record of written) {
    writeTransaction(transactions, record, fresh.get(record.seq) ?? null, names);
    writeVector(vectors, record);
    writeLog(logs, record, names);
  }
  await transaction.executeQuery(copyQuery(COPY_TRANSACTIONS, transactions.end()));
  await transaction.executeQuery(copyQuery(COPY_VECTORS, vectors.end()));
  await transaction.executeQuery(copyQuery(COPY_LOGS, logs.end()));
  await transaction.executeQuery(CompiledQuery.raw(COUNT_DECISIONS, [...countParameters(source, written, fresh)]));
}
