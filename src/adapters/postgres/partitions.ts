/** Monthly partitions: made ahead of the records that need them, named by month. */
import { type Kysely, sql } from 'kysely';

export const PARTITIONED = ['transactions', 'transaction_vectors', 'prediction_logs'] as const;

/** Names the lock that lets one connection in at a time: “partitio” in ASCII, 63 bits. */
const PARTITION_LOCK = 0x706172746974696fn;

/** Months since year 0 (UTC) of an epoch time in milliseconds. */
export function monthOf(epochMs: number): number {
  const date = new Date(epochMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** First moment of a month, epoch milliseconds. */
export function monthStartMs(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12);
}

const monthStart = (month: number): string =>
  `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}-01 00:00:00+00`;

const suffixOf = (month: number): string => `y${Math.floor(month / 12)}m${String((month % 12) + 1).padStart(2, '0')}`;

/** The month in a partition's name; undefined when it is none of ours. */
export function monthOfPartition(name: string): number | undefined {
  const [, year, month] = /_y(\d+)m(\d\d)$/.exec(name) ?? [];
  return year === undefined ? undefined : Number(year) * 12 + Number(month) - 1;
}

/**
 * A server looks after a partition each time it has grown by a twentieth, not by a fifth: what is newest is asked for
 * most, and only what it has looked after is answered from an index alone.
 */
const UPKEEP = 'autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05';

/** Attached rather than created in place, which would wait for every question that is being answered, and block others. */
async function createPartition(transaction: Kysely<unknown>, table: string, month: number): Promise<void> {
  const name = `${table}_${suffixOf(month)}`;
  const { rows } = await sql`select where to_regclass(${name}) is not null`.execute(transaction);
  if (rows.length > 0) return;
  await sql
    .raw(`create table ${name} (like ${table} including defaults including constraints) with (${UPKEEP})`)
    .execute(transaction);
  await sql
    .raw(
      `alter table ${table} attach partition ${name}
       for values from ('${monthStart(month)}') to ('${monthStart(month + 1)}')`,
    )
    .execute(transaction);
}

export interface PartitionKeeper {
  /**
   * Makes sure of the partitions of some months and of the month after each, in a transaction of its own: the first
   * payment of a month finds its place ready.
   */
  keep(months: ReadonlySet<number>): Promise<void>;
  /** Looks again the next time, as someone may have dropped what was there. */
  forget(): void;
}

export function createPartitionKeeper(database: Kysely<unknown>): PartitionKeeper {
  const present = new Set<number>();
  return {
    async keep(months) {
      if ([...months].every((month) => present.has(month))) return;
      const wanted = new Set([...months].flatMap((month) => [month, month + 1]));
      await database.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${sql.raw(String(PARTITION_LOCK))}::bigint)`.execute(transaction);
        for (const month of wanted) {
          for (const table of PARTITIONED) await createPartition(transaction, table, month);
        }
      });
      for (const month of months) present.add(month);
    },
    forget: () => present.clear(),
  };
}
