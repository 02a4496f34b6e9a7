/** Writes a batch of decisions by one statement over arrays, on any engine. */
import { CompiledQuery, type Kysely } from 'kysely';
import { type DecisionRecord } from '../../journal/record.ts';
import { INSERT_DECISIONS, decisionParameters } from './decision-columns.ts';
import { type NamesByCatalogue } from './explanation.ts';

export async function insertDecisions(
  transaction: Kysely<unknown>,
  source: string,
  records: readonly DecisionRecord[],
  names: NamesByCatalogue,
): Promise<void> {
  await transaction.executeQuery(CompiledQuery.raw(INSERT_DECISIONS, decisionParameters(source, records, names)));
}
