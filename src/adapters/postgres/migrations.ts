/** The schema's history, forward only: a migration once released never changes. */
import { type Kysely, sql } from 'kysely';
import { SentinelError } from '../../domain/errors.ts';
import { FIFTH_SCHEMA } from './fifth-schema.ts';
import { FOURTH_SCHEMA } from './fourth-schema.ts';
import { INITIAL_SCHEMA } from './initial-schema.ts';
import { SECOND_SCHEMA } from './second-schema.ts';
import { THIRD_SCHEMA } from './third-schema.ts';

export interface Migration {
  /** 1, 2, 3, … */
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'ledger', statements: INITIAL_SCHEMA },
  { version: 2, name: 'positions, totals, indexes', statements: SECOND_SCHEMA },
  { version: 3, name: 'vectors apart', statements: THIRD_SCHEMA },
  { version: 4, name: 'last records', statements: FOURTH_SCHEMA },
  { version: 5, name: 'scored decisions', statements: FIFTH_SCHEMA },
];

/** Names the lock that lets one migrator in at a time: “sentinel” in ASCII, cut to 63 bits. */
const MIGRATION_LOCK = 0x73656e74696e656cn & 0x7fffffffffffffffn;

/**
 * Brings the schema to the newest version, all or nothing; safe to run twice and by several processes at once.
 * Refuses a database newer than this program. Returns the versions applied.
 */
export async function migrate(
  database: Kysely<unknown>,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly number[]> {
  return database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.raw(String(MIGRATION_LOCK))}::bigint)`.execute(transaction);
    await sql`create table if not exists schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now()
    )`.execute(transaction);
    const { rows } = await sql<{ version: number }>`select version from schema_migrations`.execute(transaction);
    const present = new Set(rows.map(({ version }) => version));
    const newest = Math.max(0, ...present);
    const known = Math.max(0, ...migrations.map(({ version }) => version));
    if (newest > known) {
      throw new SentinelError('CONFIG_INVALID', {
        problems: `the ledger’s schema has version ${newest}, this program knows ${known}; upgrade the program`,
      });
    }
    const missing = migrations.filter(({ version }) => !present.has(version));
    for (const { version, name, statements } of missing) {
      for (const statement of statements) await sql.raw(statement).execute(transaction);
      await sql`insert into schema_migrations (version, name) values (${version}, ${name})`.execute(transaction);
    }
    return missing.map(({ version }) => version);
  });
}
