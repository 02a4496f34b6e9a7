/** The ledger in PostgreSQL or PGlite: one SQL, two ways to connect. */
import { type Kysely, sql } from 'kysely';
import { type LedgerStore, type RecordMark } from '../../ports/ledger-store.ts';
import { type Catalogue, type NamesByCatalogue } from './explanation.ts';
import { insertDecisions } from './insert-decisions.ts';
import { migrate } from './migrations.ts';
import { createRecordProjection, type ProjectionSettings } from './project-records.ts';
import { queryBreakdown, querySeries, queryStats } from './read-figures.ts';
import { queryDecisions, queryEntity, queryEntityPayments, queryLabels, querySearch } from './read-ledger.ts';

/** Everything a projection writes; the catalogue of names stays. */
const PROJECTED = [
  'transaction_ids',
  'transactions',
  'transaction_vectors',
  'prediction_logs',
  'labels',
  'ten_minute_totals',
  'day_totals',
  'dead_letters',
  'audit_log',
  'models',
  'policies',
  'runs',
] as const;

export interface LedgerDatabase {
  /** What is projected to. */
  readonly database: Kysely<unknown>;
  /** What questions are put to: the same, or a replica of it. */
  readonly reads: Kysely<unknown>;
  readonly projection: Omit<ProjectionSettings, 'names'>;
}

/** One connection for everything, as PGlite has it. */
export function soleDatabase(database: Kysely<unknown>): LedgerDatabase {
  return { database, reads: database, projection: { writeDecisions: insertDecisions, isShared: false } };
}

/** Keeps the names of these catalogues; returns those of all that were ever known here. */
async function tellCatalogues(database: Kysely<unknown>, catalogues: readonly Catalogue[]): Promise<NamesByCatalogue> {
  for (const { hash, names } of catalogues) {
    await sql`insert into feature_catalogues (hash, names)
      select ${hash}, array(select jsonb_array_elements_text(${JSON.stringify(names)}::text::jsonb))
      on conflict (hash) do nothing`.execute(database);
  }
  const { rows } = await sql<Catalogue>`select hash, names from feature_catalogues`.execute(database);
  return new Map(rows.map(({ hash, names }) => [hash, names]));
}

/** Migrates the schema, makes names of features known, and gives the store; `close` ends the connections. */
export async function openLedgerStore(
  { database, reads, projection }: LedgerDatabase,
  catalogues: readonly Catalogue[],
): Promise<LedgerStore> {
  await migrate(database);
  const names = await tellCatalogues(database, catalogues);
  return {
    async position(source) {
      const { rows } = await sql<{ position: number }>`
        select position::float8 as position from ledger_positions where source = ${source}`.execute(database);
      return rows[0]?.position ?? 0;
    },
    async lastRecord(source) {
      const { rows } = await sql<RecordMark>`
        select record_seq::float8 as seq, record_checksum::float8 as checksum from ledger_positions
        where source = ${source} and record_seq = position`.execute(database);
      return rows[0];
    },
    project: createRecordProjection(database, { ...projection, names }),
    decisions: (query) => queryDecisions(reads, query),
    entityPayments: (kind, id, range) => queryEntityPayments(reads, kind, id, range),
    entity: (kind, id) => queryEntity(reads, kind, id),
    labels: (transactionId) => queryLabels(reads, transactionId),
    search: (idPrefix, limit) => querySearch(reads, idPrefix, limit),
    stats: (fromMs, toMs) => queryStats(reads, fromMs, toMs),
    series: (fromMs, toMs, stepMs) => querySeries(reads, fromMs, toMs, stepMs),
    breakdown: (by, fromMs, toMs) => queryBreakdown(reads, by, fromMs, toMs),
    async reset() {
      await database.transaction().execute(async (transaction) => {
        await sql.raw(`truncate ${PROJECTED.join(', ')}`).execute(transaction);
        await sql`update ledger_positions set position = 0, record_seq = null, record_checksum = null`.execute(
          transaction,
        );
      });
    },
    async close() {
      await database.destroy();
      if (reads !== database) await reads.destroy();
    },
  };
}
