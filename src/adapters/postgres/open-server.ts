/** Opens a PostgreSQL server as the ledger's database: checks it, migrates it, and pools connections to it. */
import { Kysely, type Logger, sql } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import { SentinelError } from '../../domain/errors.ts';
import { copyDecisions } from './copy-decisions.ts';
import { addressOf, databaseError } from './database-errors.ts';
import { type LedgerDatabase } from './ledger-store.ts';
import { migrate } from './migrations.ts';
import { createServerDialect } from './server-dialect.ts';

export interface ServerSettings {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** Where questions go; the same server when absent. */
  readonly readUrl?: string;
  /** Connections to keep for projections, and as many for questions. */
  readonly poolSize: number;
}

/** Partitions attached while they are written to, and `json` kept as text, need nothing newer. */
const OLDEST_VERSION = 15;
const CONNECT_TIMEOUT_MS = 5_000;
/** A batch takes milliseconds; after this long without an answer the network has swallowed it. */
const PROJECTION_TIMEOUT_MS = 60_000;
/** Nobody waits longer for a page; the server stops working on it. */
const QUESTION_TIMEOUT_MS = 30_000;

const COMMON: PoolConfig = {
  application_name: 'sentinel',
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  keepAlive: true,
};

function connect(url: string, options: PoolConfig, log?: Logger): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: createServerDialect(new Pool({ ...COMMON, connectionString: url, ...options })),
    ...(log && { log }),
  });
}

/** Asks one connection of its own, and closes it. Throws DATABASE_UNAVAILABLE or DATABASE_REFUSED. */
async function visit<T>(url: string, ask: (database: Kysely<unknown>) => Promise<T>): Promise<T> {
  const database = connect(url, { max: 1 });
  try {
    return await ask(database);
  } catch (error) {
    throw databaseError(addressOf(url), error);
  } finally {
    await database.destroy();
  }
}

/** The server's version, as it names itself. Throws DATABASE_REFUSED when it is too old. */
async function checkVersion(database: Kysely<unknown>, url: string): Promise<string> {
  const { rows } = await sql<{ name: string; number: number }>`
    select current_setting('server_version') as name, current_setting('server_version_num')::int as number`.execute(
    database,
  );
  const { name, number } = rows[0]!;
  if (number >= OLDEST_VERSION * 10_000) return name;
  throw new SentinelError('DATABASE_REFUSED', {
    address: addressOf(url),
    problem: `it is PostgreSQL ${name}`,
    advice: `Use version ${OLDEST_VERSION} or newer.`,
  });
}

/** Pools of connections to a server as it is; nothing is asked of it yet. `log` hears of the questions. */
export function poolServer({ url, readUrl = url, poolSize }: ServerSettings, log?: Logger): LedgerDatabase {
  return {
    database: connect(url, {
      max: poolSize,
      query_timeout: PROJECTION_TIMEOUT_MS,
      idle_in_transaction_session_timeout: PROJECTION_TIMEOUT_MS,
    }),
    reads: connect(
      readUrl,
      {
        max: poolSize,
        statement_timeout: QUESTION_TIMEOUT_MS,
        query_timeout: 2 * QUESTION_TIMEOUT_MS,
      },
      log,
    ),
    projection: { writeDecisions: copyDecisions, isShared: true },
  };
}

/** Checks the server, brings its schema up to date, and pools connections to it; every failure is told in words. */
export async function openServer(settings: ServerSettings): Promise<LedgerDatabase> {
  await visit(settings.url, async (database) => {
    await checkVersion(database, settings.url);
    await migrate(database);
  });
  return poolServer(settings);
}

export interface ServerReport {
  readonly address: string;
  readonly version: string;
  /** Up to where each source is projected; empty before the first start. */
  readonly positions: Readonly<Record<string, number>>;
}

/** What doctor wants to know of a server, changing nothing. Throws DATABASE_UNAVAILABLE or DATABASE_REFUSED. */
export function inspectServer(url: string): Promise<ServerReport> {
  return visit(url, async (database) => {
    const version = await checkVersion(database, url);
    const { rows: found } = await sql`select where to_regclass('ledger_positions') is not null`.execute(database);
    const { rows } =
      found.length === 0
        ? { rows: [] }
        : await sql<{ source: string; position: number }>`
            select source, position::float8 as position from ledger_positions order by source`.execute(database);
    return {
      address: addressOf(url),
      version,
      positions: Object.fromEntries(rows.map(({ source, position }) => [source, position])),
    };
  });
}
