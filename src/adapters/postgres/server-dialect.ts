/** Lets kysely speak to a PostgreSQL server through a pool, with COPY, and without connections that have failed. */
import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver, type QueryResult } from 'kysely';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { createPostgresDialect } from './postgres-dialect.ts';

interface ServerConnection extends DatabaseConnection {
  readonly client: PoolClient;
  /** Whether nothing more may be asked of it. */
  isBroken(): boolean;
  release(): void;
}

const COPY = 'copy ';

/** A statement `copy … from stdin` with the bytes it reads. */
export function copyQuery(statement: `copy ${string}`, bytes: Uint8Array): CompiledQuery {
  return CompiledQuery.raw(statement, [bytes]);
}

function copy(client: PoolClient, statement: string, bytes: Uint8Array): Promise<void> {
  const stream = client.query(copyFrom(statement));
  return new Promise((resolve, reject) => {
    stream.on('error', reject); // it may say so twice: when its time is over, and when its connection then ends
    stream.once('finish', () => resolve());
    stream.end(bytes);
  });
}

/** Whether the server answered that a statement is wrong; everything else leaves the connection in doubt. */
const isAnswer = (error: unknown): boolean => error instanceof DatabaseError && error.severity === 'ERROR';

function createConnection(client: PoolClient): ServerConnection {
  let broken = false;
  const fail = (): void => {
    broken = true;
  };
  client.on('error', fail); // between two statements nobody else listens
  return {
    client,
    isBroken: () => broken,
    release() {
      client.off('error', fail);
      client.release(broken);
    },
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      try {
        if (sql.startsWith(COPY)) {
          await copy(client, sql, parameters[0] as Uint8Array); // as copyQuery gives it
          return { rows: [] };
        }
        const { rows, rowCount } = await client.query<R & object>(sql, [...parameters]);
        return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
      } catch (error) {
        if (!isAnswer(error)) broken = true;
        throw error;
      }
    },
    async *streamQuery(): AsyncIterableIterator<never> {
      throw new Error('Cursors are not used');
    },
  };
}

function createDriver(pool: Pool): Driver {
  pool.on('error', () => undefined); // an idle connection was lost; the pool makes another
  // Its last words may come in the packet that opened it, before any of ours can listen; the next statement will say so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const run = async (connection: DatabaseConnection, statement: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(statement));
  };
  const own = (connection: DatabaseConnection): ServerConnection => connection as ServerConnection; // acquired below
  return {
    init: () => Promise.resolve(),
    acquireConnection: async () => createConnection(await pool.connect()),
    releaseConnection(connection) {
      own(connection).release();
      return Promise.resolve();
    },
    beginTransaction: (connection) => run(connection, 'begin'),
    commitTransaction: (connection) => run(connection, 'commit'),
    async rollbackTransaction(connection) {
      if (!own(connection).isBroken()) await run(connection, 'rollback');
    },
    destroy: () => pool.end(),
  };
}

export function createServerDialect(pool: Pool): Dialect {
  return createPostgresDialect(() => createDriver(pool));
}
