/** What a server does by itself and PGlite never: statistics for the planner, and an end to the log of changes. */
import { type Kysely, sql } from 'kysely';

/** What transactions are searched by; the other columns need no statistics. */
const SEARCHED = [
  'seq',
  'created_at',
  '"timestamp"',
  'user_id',
  'merchant_id',
  'card_id',
  'device_id',
  'ip_address',
  'decision',
  'probability',
  'is_fraud',
] as const;

/** Other tables that are searched and grow. */
const ANALYSED = ['transaction_ids', 'prediction_logs', 'labels', 'ten_minute_totals', 'day_totals'] as const;

/** Before this many records any plan is good enough. */
const FIRST_ANALYSIS_SEQ = 1_000;

/**
 * Bytes of the log until the tables are written out and it begins anew: it is kept whole until then, and read again behind
 * a crash, some 10 ms a megabyte.
 */
const LOG_BYTES = 32 * 2 ** 20;

/** To be called behind each batch, with the position reached. */
export type Upkeep = (seq: number) => Promise<void>;

/** Counts values anew for the planner. */
export async function analyse(database: Kysely<unknown>): Promise<void> {
  await sql.raw(`analyze transactions (${SEARCHED.join(', ')}), ${ANALYSED.join(', ')}`).execute(database);
}

/** Renews the statistics whenever the ledger has doubled, and ends the log after `logBytes`. `seq` is the position now. */
export async function createUpkeep(database: Kysely<unknown>, seq: number, logBytes = LOG_BYTES): Promise<Upkeep> {
  let analyseAt = Math.max(FIRST_ANALYSIS_SEQ, 2 * seq);
  let logFrom = await logEnd(database);
  return async (reached) => {
    if (reached >= analyseAt) {
      await analyse(database);
      analyseAt = 2 * reached;
    }
    const end = await logEnd(database);
    if (end - logFrom < logBytes) return;
    await sql`checkpoint`.execute(database);
    logFrom = end;
  };
}

/** Bytes of the log since the database was made. */
async function logEnd(database: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes`.execute(database); // prettier-ignore
  return rows[0]!.bytes;
}
