/** What goes wrong with a PostgreSQL server, in words that name its address, never its password, and what to do. */
import { Client, DatabaseError } from 'pg';
import { SentinelError } from '../../domain/errors.ts';

/** `host:port/database` of a connection URL. */
export function addressOf(url: string): string {
  const { host, port, database } = new Client({ connectionString: url }); // parses; connects to nothing
  return `${host}:${port}/${database}`;
}

interface Refusal {
  readonly problem: string;
  readonly advice: string;
}

/** By SQLSTATE. Source: PostgreSQL documentation, appendix A. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  '28P01': { problem: 'it refuses the user’s password', advice: 'Correct the password in DATABASE_URL or DB_PASSWORD.' },
  '28000': { problem: 'it does not let this user in', advice: 'Correct the user, or its line in pg_hba.conf.' },
  '3D000': { problem: 'it has no such database', advice: 'Create it (createdb), or correct the name.' },
  '42501': { problem: 'the user lacks rights', advice: 'Let the user own the database: ALTER DATABASE … OWNER TO ….' },
  '25006': { problem: 'it takes no writes', advice: 'Name the primary here and the replica in DATABASE_READ_URL.' },
}; // prettier-ignore

/** Classes of SQLSTATE that pass by themselves: connection, resources, operator intervention, system errors. */
const PASSING = ['08', '53', '57', '58'];

/** Whether the server could not be asked, rather than answered. */
export function isOutage(error: unknown): boolean {
  if (error instanceof DatabaseError) return PASSING.some((prefix) => error.code?.startsWith(prefix) === true);
  if (!(error instanceof Error)) return false;
  return 'syscall' in error || 'errors' in error || /connection|timeout/i.test(error.message);
}

/** `error` of the server at `address` as DATABASE_UNAVAILABLE or DATABASE_REFUSED; others, and mistakes of ours, stay. */
export function databaseError(address: string, error: unknown): unknown {
  if (error instanceof SentinelError) return error;
  const refusal = error instanceof DatabaseError ? REFUSALS[error.code ?? ''] : undefined;
  if (refusal !== undefined) {
    const detail = (error as Error).message;
    return new SentinelError('DATABASE_REFUSED', { address, ...refusal, problem: `${refusal.problem} (${detail})` }, error);
  }
  if (!isOutage(error)) return error;
  const { message, code } = error as NodeJS.ErrnoException; // an outage is an Error
  return new SentinelError('DATABASE_UNAVAILABLE', { address, problem: message || (code ?? 'no answer') }, error);
} // prettier-ignore
