/** A PostgreSQL server of its own for a test, where the binaries are installed. */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALLATIONS = '/usr/lib/postgresql'; // Debian’s place, one folder a version

export interface PostgresServer {
  readonly version: string;
  /** Connection URL of a database of its user `postgres`; it listens on a Unix socket and on no port. */
  url(database?: string): string;
  /** Makes an empty database and gives its URL. */
  createDatabase(name: string): string;
  /** SQL on a database, `postgres` when none is named, as psql prints its rows. */
  query(statement: string, database?: string): string;
  /** Ends every session at once, as a crash would, and starts again on the same data. */
  restart(): void;
  halt(): void;
  start(): void;
  stop(): void;
}

function newestVersion(): string | undefined {
  if (!existsSync(INSTALLATIONS)) return undefined;
  const complete = readdirSync(INSTALLATIONS).filter((v) => existsSync(join(INSTALLATIONS, v, 'bin', 'initdb')));
  return complete.sort((a, b) => Number(a) - Number(b)).at(-1);
}

/** Everybody is trusted but the user `locked`, who needs a password. */
const ADMISSION = 'local all locked scram-sha-256\nlocal all all trust\n';

/** PostgreSQL refuses to run as root; Debian’s package makes a user for it. */
function ownIdentity(): ExecFileSyncOptions {
  if (process.getuid?.() !== 0) return {};
  const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
  return { uid, gid: Number(execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8' })) };
}

/** Undefined when PostgreSQL is not installed. */
export function startPostgresServer(): PostgresServer | undefined {
  const version = newestVersion();
  if (version === undefined) return undefined;
  const identity = ownIdentity();
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (identity.uid !== undefined) chownSync(directory, identity.uid, identity.gid ?? statSync(directory).gid);
  const data = join(directory, 'data');
  const run = (program: string, ...parameters: readonly string[]): void => {
    execFileSync(join(INSTALLATIONS, version, 'bin', program), parameters, {
      ...identity,
      cwd: directory,
      stdio: 'ignore',
    });
  };
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
  writeFileSync(join(data, 'pg_hba.conf'), ADMISSION);
  const start = (): void =>
    run('pg_ctl', '-D', data, '-w', '-o', `-c listen_addresses='' -k ${directory} -F`, '-l', join(directory, 'log'), 'start'); // prettier-ignore
  const halt = (): void => run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
  const url = (database = 'postgres'): string =>
    `postgresql:///${database}?host=${encodeURIComponent(directory)}&user=postgres`;
  const query = (statement: string, database?: string): string =>
    execFileSync(join(INSTALLATIONS, version, 'bin', 'psql'), ['-X', '-At', '-c', statement, url(database)], {
      ...identity,
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  start();
  return {
    version,
    url,
    createDatabase(name) {
      query(`create database ${name}`);
      return url(name);
    },
    query,
    restart() {
      halt();
      start();
    },
    halt,
    start,
    stop() {
      halt();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
