/** Monthly partitions, made when the first record of a month is written. */
import { type Kysely, sql } from 'kysely';

const PARTITIONED = ['transactions', 'prediction_logs'] as const;

/** Months since year 0 (UTC) of an epoch time in milliseconds. */
export function monthOf(epochMs: number): number {
  const date = new Date(epochMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

const monthStart = (month: number): string =>
  `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}-01 00:00:00+00`;

/** Creates the partitions of `month` unless they are there, in the caller's transaction. */
export async function createPartitions(transaction: Kysely<unknown>, month: number): Promise<void> {
  const suffix = `y${Math.floor(month / 12)}m${String((month % 12) + 1).padStart(2, '0')}`;
  for (const table of PARTITIONED) {
    const range = `from ('${monthStart(month)}') to ('${monthStart(month + 1)}')`;
    await sql
      .raw(`create table if not exists ${table}_${suffix} partition of ${table} for values ${range}`)
      .execute(transaction);
  }
}
