/** A private DuckDB: opened for one piece of work, with bounded memory. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { atExit } from '../system/at-exit.ts';

/** What DuckDB may keep in memory; the rest goes to a temporary directory that it removes when closed. */
const MEMORY_LIMIT = '1GB';

export interface Engine {
  readonly connection: DuckDBConnection;
  /** Releases everything; safe to call twice. */
  close(): void;
}

export async function openEngine(): Promise<Engine> {
  const temporary = join(tmpdir(), `sentinel-duckdb-${randomBytes(6).toString('hex')}`);
  const settled = atExit(() => rmSync(temporary, { recursive: true, force: true }));
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    temp_directory: temporary,
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  let open = true;
  return {
    connection,
    close() {
      if (!open) return;
      open = false;
      connection.closeSync();
      instance.closeSync();
      settled();
    },
  };
}

/** `name` as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `text` as an SQL string. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The one number that `sql` yields. */
export async function scalar(connection: DuckDBConnection, sql: string): Promise<number> {
  const reader = await connection.runAndReadAll(sql);
  return Number(reader.value(0, 0));
}
