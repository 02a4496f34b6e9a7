/** Servers of a benchmark's own on loopback, to be ended, killed and brought back; through scripts/services. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atExit } from '../src/adapters/system/at-exit.ts';

export type ServerName = 'kafka' | 'redis' | 'postgres';
export const SERVER_NAMES: readonly ServerName[] = ['kafka', 'redis', 'postgres'];

/** A figure of each. */
export const ofEachServer = (of: (name: ServerName) => number): Readonly<Record<ServerName, number>> => ({
  kafka: of('kafka'),
  redis: of('redis'),
  postgres: of('postgres'),
});

export interface OwnServers {
  /** Starts one that was ended, on the same port with the same data; resolves when it answers. */
  start(name: ServerName): Promise<void>;
  /** Lets it finish. */
  end(name: ServerName): Promise<void>;
  /** Ends it as a crash does. */
  kill(name: ServerName): Promise<void>;
  readonly addresses: ServerAddresses;
  /** Ends them all. */
  stop(): Promise<void>;
}

export interface ServerAddresses {
  /** host:port */
  readonly broker: string;
  /** Clients that come by `line` are told of no other address; who listens there hands everything on to `broker`. */
  readonly kafkaLine: { readonly line: string; readonly broker: string };
  /** `redis://…` */
  readonly redis: string;
  /** `postgres://…` */
  readonly postgres: string;
}

/** PostgreSQL runs as a user of its own where this runs as root, and must be able to enter. */
const EVERYBODY_MAY_ENTER = 0o711;

/** From the sources and from the build. */
const PLACES = ['../scripts/services', '../../scripts/services'];

const run = promisify(execFile);

function servicesProgram(): string {
  const program = PLACES.map((place) => join(import.meta.dirname, place)).find((path) => existsSync(path));
  if (program === undefined) throw new Error('scripts/services is missing: run this from a checkout');
  return program;
}

async function services(...words: readonly string[]): Promise<string> {
  const program = servicesProgram();
  try {
    return (await run(program, words)).stdout;
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr?.trim() || (error as Error).message, { cause: error });
  }
}

/** Starts all three below `directory`. Rejects with what is missing where one is not installed. */
export async function openOwnServers(directory: string): Promise<OwnServers> {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, EVERYBODY_MAY_ENTER);
  const at = ['--dir', directory] as const;
  const program = servicesProgram();
  const settled = atExit(() => void spawnSync(program, ['stop', '--kill', ...at], { stdio: 'ignore' }));
  const stop = async (): Promise<void> => {
    await services('stop', '--kill', ...at);
    settled();
  };
  try {
    await services('start', ...SERVER_NAMES, '--installed', ...at);
    const found = JSON.parse(await services('env', '--json', ...at)) as Record<string, string>;
    const [line, broker] = found['KAFKA_LINE']!.split('>') as [string, string]; // as scripts/servers/kafka.mjs writes it
    return {
      start: async (name) => void (await services('start', name, '--installed', ...at)),
      end: async (name) => void (await services('stop', name, ...at)),
      kill: async (name) => void (await services('stop', name, '--kill', ...at)),
      addresses: {
        broker: found['KAFKA_BROKERS']!,
        kafkaLine: { line, broker },
        redis: found['REDIS_URL']!,
        postgres: found['DATABASE_URL']!,
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
