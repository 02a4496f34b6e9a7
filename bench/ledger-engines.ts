/** The two engines of the ledger, opened so that a benchmark hears of every statement. */
import { type CompiledQuery, Kysely, type Logger, sql } from 'kysely';
import { Pool } from 'pg';
import { migrate } from '../src/adapters/postgres/migrations.ts';
import { type LedgerDatabase, openLedgerStore, soleDatabase } from '../src/adapters/postgres/ledger-store.ts';
import { openPglite } from '../src/adapters/postgres/open-pglite.ts';
import { analyse } from '../src/adapters/postgres/upkeep.ts';
import { inspectServer, poolServer } from '../src/adapters/postgres/open-server.ts';
import { createServerDialect } from '../src/adapters/postgres/server-dialect.ts';
import { SentinelError } from '../src/domain/errors.ts';
import { type LedgerStore } from '../src/ports/ledger-store.ts';
import { FEATURES } from './ledger-decisions.ts';

/** Made-up records have a source of their own, so that they are never taken for a journal's. */
export const BENCH_SOURCE = 'bench';

const CATALOGUE = { hash: 'bench', names: Array.from({ length: FEATURES }, (_, index) => `feature_${index + 1}`) };
const POOL_SIZE = 4;

/** A ledger under test. */
export interface BenchedLedger {
  readonly name: string;
  readonly store: LedgerStore;
  /** For plans, sizes and statistics. */
  readonly database: Kysely<unknown>;
  /** What the product does, or a server by itself, once many rows have come. */
  lookAfter(): Promise<void>;
  /** The questions asked since the last call. */
  statements(): readonly CompiledQuery[];
  close(): Promise<void>;
}

async function bench(
  name: string,
  open: (log: Logger) => Promise<LedgerDatabase>,
  upkeep?: Kysely<unknown>,
): Promise<BenchedLedger> {
  let heard: CompiledQuery[] = [];
  let isAsking = false;
  const opened = await open(({ query }) => {
    if (isAsking) heard.push(query);
  });
  const store = await openLedgerStore(opened, [CATALOGUE]);
  const database = upkeep ?? opened.database;
  return {
    name,
    store,
    database,
    async lookAfter() {
      if (upkeep === undefined) return analyse(database);
      await sql`vacuum (analyze)`.execute(upkeep); // as autovacuum would within minutes
    },
    statements() {
      isAsking = true; // what fills the tables is not kept
      const taken = heard;
      heard = [];
      return taken;
    },
    async close() {
      await store.close();
      await upkeep?.destroy();
    },
  };
}

/** PGlite in `directory`. */
export function benchEmbedded(directory: string): Promise<BenchedLedger> {
  return bench('PGlite', async (log) => soleDatabase(await openPglite(directory, log)));
}

/** A server; refuses one that holds the decisions of a journal. */
export async function benchServer(url: string): Promise<BenchedLedger> {
  const { address, version, positions } = await inspectServer(url);
  const others = Object.entries(positions).filter(([source, position]) => source !== BENCH_SOURCE && position > 0);
  if (others.length > 0) {
    throw new SentinelError('USAGE', { problem: `${address} holds a ledger; give an empty database to measure on` });
  }
  const upkeep = new Kysely<unknown>({ dialect: createServerDialect(new Pool({ connectionString: url, max: 1 })) }); // may take minutes
  await migrate(upkeep);
  const open = (log: Logger): Promise<LedgerDatabase> => Promise.resolve(poolServer({ url, poolSize: POOL_SIZE }, log));
  return bench(`PostgreSQL ${version}`, open, upkeep);
}

/** Bytes of the whole database, and how many decisions it holds. */
export async function sizeOf(
  database: Kysely<unknown>,
): Promise<{ readonly bytes: number; readonly decisions: number }> {
  const { rows } = await sql<{ bytes: number; decisions: number }>`
    select pg_database_size(current_database())::float8 as bytes, count(*)::float8 as decisions
    from transaction_ids`.execute(database);
  return rows[0]!;
}
