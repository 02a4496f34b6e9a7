/** Lets kysely speak to PGlite: one connection, handed to one user at a time. */
import { type PGlite } from '@electric-sql/pglite';
import { type CompiledQuery, type DatabaseConnection, type Dialect, type Driver, type QueryResult } from 'kysely';
import { createPostgresDialect } from './postgres-dialect.ts';
import { prepareStatement } from './prepared-statement.ts';

/** Array types whose parameters are sent in binary form. Source: PostgreSQL, pg_type.dat. */
const ARRAY_OIDS = { bool: 1000, int8: 1016, text: 1009, float8: 1022, timestamptz: 1185 } as const;
const AS_GIVEN = (value: unknown): string => value as string; // PGlite's type omits the bytes its protocol accepts
const SERIALIZERS = Object.fromEntries(Object.values(ARRAY_OIDS).map((oid) => [oid, AS_GIVEN]));

function createConnection(pglite: PGlite, prepared: readonly string[]): DatabaseConnection {
  const statements = new Map(prepared.map((sql, index) => [sql, prepareStatement(pglite, `prepared_${index}`, sql)]));
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const statement = statements.get(sql);
      if (statement !== undefined) {
        await statement(parameters as readonly Uint8Array[]); // what a prepared statement is given
        return { rows: [] };
      }
      const result = await pglite.query<R>(sql, [...parameters], { serializers: SERIALIZERS });
      return { rows: result.rows, numAffectedRows: BigInt(result.affectedRows ?? 0) };
    },
    async *streamQuery(): AsyncIterableIterator<never> {
      throw new Error('PGlite has no cursors');
    },
  };
}

function createDriver(pglite: PGlite, prepared: readonly string[]): Driver {
  const connection = createConnection(pglite, prepared);
  let release = (): void => undefined;
  let free: Promise<void> = Promise.resolve();
  const run = async (statement: string): Promise<void> => {
    await pglite.exec(statement);
  };
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      const before = free;
      let done = (): void => undefined;
      free = new Promise((resolve) => {
        done = resolve;
      });
      await before;
      release = done;
      return connection;
    },
    releaseConnection() {
      release();
      return Promise.resolve();
    },
    beginTransaction: () => run('begin'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    destroy: () => pglite.close(),
  };
}

/** `prepared` are statements without result rows, run often, whose parameters are all arrays in binary form. */
export function createPgliteDialect(pglite: PGlite, prepared: readonly string[]): Dialect {
  return createPostgresDialect(() => createDriver(pglite, prepared));
}
