/** Restarts the server under test by its owner's command, so that a question is asked of empty buffers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { SentinelError } from '../src/domain/errors.ts';
import { type BenchedLedger } from './ledger-engines.ts';

const PATIENCE_MS = 120_000;
const RETRY_MS = 100;

/** Runs `command` in a shell, then waits until every connection that questions may use answers again. */
export async function restartBy(command: string, { store, database }: BenchedLedger): Promise<void> {
  const shell = spawn(command, { shell: true, stdio: 'ignore' }); // a server started by it would hold a pipe open
  const [code] = (await once(shell, 'exit')) as [number | null];
  if (code !== 0) throw new SentinelError('USAGE', { problem: `the command that restarts ended with ${code}: ${command}` });
  for (const untilMs = Date.now() + PATIENCE_MS; ;) {
    try {
      await store.labels('');
      await sql`select 1`.execute(database);
      return;
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await pause(RETRY_MS);
    }
  }
} // prettier-ignore
