/** Writes labels, decides which is in force, and carries it to the payment. */
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { type LabelSource } from '../../domain/label.ts';
import { type LabelRecord } from '../../journal/record.ts';
import { type PlacedLabel, standingLabel } from '../../ledger/standing-label.ts';
import { binaryArray, type Element, type ElementType, storable } from './binary-array.ts';
import { COUNT_LABELS } from './period-totals.ts';
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
  if (overruled.length > 0) {
    const seqs = binaryArray('int8', overruled);
    await sql`update labels set in_force = false where seq = any(${seqs}::int8[])`.execute(transaction);
  }
  const standing = new Set([...after.values()].map(({ seq }) => seq));
  const run = async (statement: string, parameters: readonly Buffer[]): Promise<void> => {
    await transaction.executeQuery(CompiledQuery.raw(statement, [...parameters]));
  };
  const count = (known: Iterable<string>, sign: 1 | -1): Promise<void> =>
    run(COUNT_LABELS, [binaryArray('text', [...known]), binaryArray('text', [source]), binaryArray('int8', [sign])]);
  await run(INSERT_LABELS, labelParameters(records, standing));
  if (before.size > 0) await count(before.keys(), -1);
  const verdicts = ids.map((id) => after.get(id)!.label.isFraud);
  await run(LABEL_PAYMENTS, [binaryArray('text', ids), binaryArray('bool', verdicts)]);
  await count(ids, 1);
}

/** Each column of a label: its type and its value; `in_force` is told apart. */
const LABEL_COLUMNS = {
  seq: ['int8', ({ seq }) => seq],
  transaction_id: ['text', ({ label }) => label.transactionId],
  is_fraud: ['bool', ({ label }) => label.isFraud],
  source: ['text', ({ label }) => label.source],
  campaign: ['text', ({ label }) => label.campaign ?? null],
  created_at: ['timestamptz', ({ label }) => label.arrivalMs],
  in_force: ['bool', ({ seq }, standing) => standing.has(seq)],
} as const satisfies Readonly<
  Record<string, readonly [ElementType, (record: LabelRecord, standing: ReadonlySet<number>) => Element]>
>;
const COLUMNS = Object.entries(LABEL_COLUMNS);

function labelParameters(records: readonly LabelRecord[], standing: ReadonlySet<number>): readonly Buffer[] {
  return COLUMNS.map(([, [type, valueOf]]) =>
    binaryArray(
      type,
      records.map((record) => valueOf(record, standing)),
    ),
  );
}

const INSERT_LABELS = `
insert into labels (${COLUMNS.map(([name]) => name).join(', ')})
select * from unnest(${COLUMNS.map(([, [type]], index) => `$${index + 1}::${type}[]`).join(', ')})
on conflict (seq) do nothing`;

/** Carries the labels in force to their payments: ids, then whether each is a fraud. */
const LABEL_PAYMENTS = `
update transactions set is_fraud = labelled.is_fraud
from unnest($1::text[], $2::bool[]) as labelled(transaction_id, is_fraud)
join transaction_ids using (transaction_id)
where transactions.seq = transaction_ids.seq and transactions.created_at = transaction_ids.created_at`;

/** Statements without result rows, run with arrays alone, that are worth planning once. */
export const LABEL_STATEMENTS: readonly string[] = [INSERT_LABELS, LABEL_PAYMENTS, COUNT_LABELS];
