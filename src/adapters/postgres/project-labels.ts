/** Writes labels, decides which is in force, and carries it to the payment. */
import { type Kysely, sql } from 'kysely';
import { type LabelSource } from '../../domain/label.ts';
import { type LabelRecord } from '../../journal/record.ts';
import { type PlacedLabel, standingLabel } from '../../ledger/standing-label.ts';
import { binaryArray, storable } from './binary-array.ts';
import { addLabels } from './period-totals.ts';
import { epochMs } from './sql-text.ts';

interface StandingRow {
  readonly seq: number;
  readonly transaction_id: string;
  readonly is_fraud: boolean;
  readonly source: LabelSource;
  readonly arrival_ms: number;
}

async function standingLabels(transaction: Kysely<unknown>, ids: readonly string[]): Promise<Map<string, PlacedLabel>> {
  const { rows } = await sql<StandingRow>`
    select seq::float8 as seq, transaction_id, is_fraud, source, ${epochMs('created_at')} as arrival_ms
    from labels where in_force and transaction_id = any(${binaryArray('text', ids)}::text[])`.execute(transaction);
  return new Map(
    rows.map(({ seq, transaction_id, is_fraud, source, arrival_ms }) => [
      transaction_id,
      { seq, label: { transactionId: transaction_id, isFraud: is_fraud, source, arrivalMs: arrival_ms } },
    ]),
  );
}

/** Writes the labels of one batch, in order, within the caller's transaction. */
export async function projectLabels(
  transaction: Kysely<unknown>,
  source: string,
  records: readonly LabelRecord[],
): Promise<void> {
  const ids = [...new Set(records.map(({ label }) => storable(label.transactionId)))];
  const before = await standingLabels(transaction, ids);
  const after = new Map(before);
  for (const { seq, label } of records) {
    const id = storable(label.transactionId);
    after.set(id, standingLabel(after.get(id), { seq, label }));
  }
  const overruled = [...before].filter(([id, { seq }]) => after.get(id)!.seq !== seq).map(([, { seq }]) => seq);
  await sql`update labels set in_force = false where seq = any(${binaryArray('int8', overruled)}::int8[])`.execute(
    transaction,
  );
  const standing = new Set([...after.values()].map(({ seq }) => seq));
  await sql`
    insert into labels (seq, transaction_id, is_fraud, source, campaign, in_force, created_at)
    select * from unnest(
      ${binaryArray(
        'int8',
        records.map(({ seq }) => seq),
      )}::int8[],
      ${binaryArray(
        'text',
        records.map(({ label }) => label.transactionId),
      )}::text[],
      ${binaryArray(
        'bool',
        records.map(({ label }) => label.isFraud),
      )}::bool[],
      ${binaryArray(
        'text',
        records.map(({ label }) => label.source),
      )}::text[],
      ${binaryArray(
        'text',
        records.map(({ label }) => label.campaign ?? null),
      )}::text[],
      ${binaryArray(
        'bool',
        records.map(({ seq }) => standing.has(seq)),
      )}::bool[],
      ${binaryArray(
        'timestamptz',
        records.map(({ label }) => label.arrivalMs),
      )}::timestamptz[]) on conflict (seq) do nothing`.execute(transaction);
  await relabel(transaction, source, after);
}

/** Carries the labels in force to their payments and to the figures of their time. */
async function relabel(
  transaction: Kysely<unknown>,
  source: string,
  labels: ReadonlyMap<string, PlacedLabel>,
): Promise<void> {
  const ids = binaryArray('text', [...labels.keys()]);
  const verdicts = binaryArray(
    'bool',
    [...labels.values()].map(({ label }) => label.isFraud),
  );
  const { rows } = await sql<{ seq: number }>`
    select seq::float8 as seq from transaction_ids where transaction_id = any(${ids}::text[])`.execute(transaction);
  if (rows.length === 0) return;
  const seqs = rows.map(({ seq }) => seq);
  await addLabels(transaction, source, seqs, -1);
  await sql`
    update transactions set is_fraud = labelled.is_fraud
    from unnest(${ids}::text[], ${verdicts}::bool[]) as labelled(transaction_id, is_fraud)
    join transaction_ids using (transaction_id)
    where transactions.seq = transaction_ids.seq and transactions.created_at = transaction_ids.created_at`.execute(
    transaction,
  );
  await addLabels(transaction, source, seqs, 1);
}
