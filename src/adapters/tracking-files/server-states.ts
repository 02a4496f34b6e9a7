/** What was sent to which server, in one small file; and a lock, so that one process at a time sends. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';
import { type ServerState, type ServerStates } from '../../ports/tracking-server.ts';
import { replaceFile } from '../system/durable-files.ts';
import { type Lock, takeLock } from '../system/lock.ts';

const STATES_FILE = 'servers.json';
const NOTHING_SENT: ServerState = { runs: {} };

const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string }).code;

export function createFileServerStates(directory: string): ServerStates {
  const path = join(directory, STATES_FILE);

  async function readAll(): Promise<Readonly<Record<string, ServerState>>> {
    try {
      return JSON.parse(await readFile(path, 'utf8')) as Record<string, ServerState>; // written below, replaced whole
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return {};
      if (!(error instanceof SyntaxError)) throw error;
      throw new SentinelError('RUN_DAMAGED', { path, problem: 'not readable as JSON' }, error);
    }
  }

  return {
    async read(uri) {
      return (await readAll())[uri] ?? NOTHING_SENT;
    },
    async write(uri, state) {
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, new TextEncoder().encode(`${JSON.stringify({ ...(await readAll()), [uri]: state }, null, 1)}\n`)); // prettier-ignore
    },
    async alone(work) {
      await mkdir(directory, { recursive: true });
      let lock: Lock;
      try {
        lock = takeLock(directory);
      } catch (error) {
        if (codeOf(error) === 'ALREADY_RUNNING') return undefined;
        throw error;
      }
      try {
        return await work();
      } finally {
        lock.release();
      }
    },
  };
}
