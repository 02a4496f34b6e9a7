/** Writes a batch of decisions by one statement over arrays, on any engine. */
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { type DecisionRecord } from '../../journal/record.ts';
import { binaryArray } from './binary-array.ts';
import { INSERT_DECISIONS, decisionParameters } from './decision-columns.ts';
import { type Catalogue } from './explanation.ts';

export async function insertDecisions(
  transaction: Kysely<unknown>,
  records: readonly DecisionRecord[],
  catalogue: Catalogue,
): Promise<readonly number[]> {
  const ids = records.map(({ transaction: { transactionId } }) => transactionId);
  const known = await sql<{ seq: number }>`
    select seq::float8 as seq from transaction_ids
    where transaction_id = any(${binaryArray('text', ids)}::text[])`.execute(transaction);
  await transaction.executeQuery(CompiledQuery.raw(INSERT_DECISIONS, decisionParameters(records, catalogue)));
  const old = new Set(known.rows.map(({ seq }) => seq));
  return records.flatMap(({ seq }) => (old.has(seq) ? [] : [seq]));
}
