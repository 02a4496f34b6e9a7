/** The ledger in PostgreSQL or PGlite: one SQL, two ways to connect. */
import { type Kysely, sql } from 'kysely';
import { type LedgerStore } from '../../ports/ledger-store.ts';
import { type Catalogue } from './explanation.ts';
import { migrate } from './migrations.ts';
import { createRecordProjection } from './project-records.ts';
import { queryDecisions, queryEntity, queryEntityPayments, queryLabels, queryStats } from './read-ledger.ts';

/** Everything a projection writes; the catalogue of names stays. */
const PROJECTED = [
  'transaction_ids',
  'transactions',
  'prediction_logs',
  'labels',
  'dead_letters',
  'audit_log',
  'models',
  'policies',
  'runs',
] as const;

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

export interface PostgresLedgerStore extends LedgerStore {
  /** Counts values anew for the planner; a server does so by itself, PGlite never. */
  analyse(): Promise<void>;
}

/** Migrates the schema, makes the catalogue's names known, and gives the store; `close` ends the connections. */
export async function openLedgerStore(database: Kysely<unknown>, catalogue: Catalogue): Promise<PostgresLedgerStore> {
  await migrate(database);
  await sql`insert into feature_catalogues (hash, names)
    select ${catalogue.hash}, array(select jsonb_array_elements_text(${JSON.stringify(catalogue.names)}::text::jsonb))
    on conflict (hash) do nothing`.execute(database);
  return {
    async position() {
      const { rows } = await sql<{ seq: number }>`select seq::float8 as seq from ledger_position`.execute(database);
      return rows[0]!.seq;
    },
    project: createRecordProjection(database, catalogue),
    decisions: (query) => queryDecisions(database, query),
    entityPayments: (kind, id, range) => queryEntityPayments(database, kind, id, range),
    entity: (kind, id) => queryEntity(database, kind, id),
    labels: (transactionId) => queryLabels(database, transactionId),
    stats: (fromMs, toMs) => queryStats(database, fromMs, toMs),
    async reset() {
      await database.transaction().execute(async (transaction) => {
        await sql.raw(`truncate ${PROJECTED.join(', ')}`).execute(transaction);
        await sql`update ledger_position set seq = 0`.execute(transaction);
      });
    },
    async analyse() {
      await sql.raw(`analyze transactions (${SEARCHED.join(', ')}), prediction_logs, labels`).execute(database);
    },
    close: () => database.destroy(),
  };
}
