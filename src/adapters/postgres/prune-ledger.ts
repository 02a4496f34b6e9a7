/** Drops whole months of payments from the tables; the journal keeps what it has. */
import { type Kysely, sql } from 'kysely';
import { takeLock } from '../system/lock.ts';
import { soleDatabase } from './ledger-store.ts';
import { migrate } from './migrations.ts';
import { embeddedPath, openPglite } from './open-pglite.ts';
import { openServer } from './open-server.ts';
import { monthOf, monthOfPartition, monthStartMs, PARTITIONED } from './partitions.ts';
import { TOTALS } from './period-totals.ts';
import { timestamptz } from './sql-text.ts';
import { type LedgerPlace } from './start-ledger.ts';

export interface Pruned {
  /** Everything that arrived before this moment is gone: the first of a month, epoch milliseconds. */
  readonly beforeMs: number;
  /** Partitions dropped. */
  readonly partitions: readonly string[];
  readonly payments: number;
  readonly labels: number;
}

/** A question that runs for longer than this is not waited for; nothing is dropped then. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Drops the months that end at or before `beforeMs` in one transaction, with the ids, labels and figures of their
 * payments. A label of a payment that stays, stays. The audit trail, models, policies and dead letters stay whole.
 */
export async function pruneLedger(database: Kysely<unknown>, beforeMs: number): Promise<Pruned> {
  const firstKept = monthOf(beforeMs);
  const cutMs = monthStartMs(firstKept);
  const cut = timestamptz(cutMs);
  return database.transaction().execute(async (transaction) => {
    await sql.raw(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`).execute(transaction);
    const { rows } = await sql<{ name: string }>`
      select child.relname as name from pg_inherits
      join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
      where parent.relname in (${sql.join(PARTITIONED)}) order by child.relname`.execute(transaction);
    const partitions = rows.map(({ name }) => name).filter((name) => (monthOfPartition(name) ?? Infinity) < firstKept);
    if (partitions.length > 0) await sql.raw(`drop table ${partitions.join(', ')}`).execute(transaction);
    const ids = await sql`delete from transaction_ids where created_at < ${cut}`.execute(transaction);
    const labels = await sql`
      delete from labels where created_at < ${cut}
        and not exists (select from transaction_ids known where known.transaction_id = labels.transaction_id)`.execute(
      transaction,
    );
    for (const { table } of TOTALS) {
      await sql`delete from ${sql.ref(table)} where period < ${cut}`.execute(transaction);
    }
    return {
      beforeMs: cutMs,
      partitions,
      payments: Number(ids.numAffectedRows),
      labels: Number(labels.numAffectedRows),
    };
  });
}

async function openEmbedded(directory: string): Promise<Kysely<unknown>> {
  const database = await openPglite(embeddedPath(directory));
  await migrate(database);
  return database;
}

/** Opens the ledger's database for a command, alone; ALREADY_RUNNING while a service has the embedded one. */
async function withDatabase<T>(place: LedgerPlace, work: (database: Kysely<unknown>) => Promise<T>): Promise<T> {
  const lock = place.server === undefined ? takeLock(place.directory) : undefined;
  try {
    const { database, reads } =
      place.server === undefined ? soleDatabase(await openEmbedded(place.directory)) : await openServer(place.server);
    try {
      return await work(database);
    } finally {
      await database.destroy();
      if (reads !== database) await reads.destroy();
    }
  } finally {
    lock?.release();
  }
}

export const pruneLedgerAt = (place: LedgerPlace, beforeMs: number): Promise<Pruned> =>
  withDatabase(place, (database) => pruneLedger(database, beforeMs));
