/** The servers of a run of tests: those the environment names, else those started for this run by scripts/services. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type ServerName = 'postgres' | 'redis' | 'kafka' | 'mlflow' | 'prometheus';

/** `TEST_` keeps these apart from what a developer's shell says of servers that matter. */
const VARIABLES = {
  postgres: 'TEST_DATABASE_URL',
  redis: 'TEST_REDIS_URL',
  kafka: 'TEST_KAFKA_BROKERS',
  mlflow: 'TEST_MLFLOW_TRACKING_URI',
  prometheus: 'TEST_PROMETHEUS_URL',
} as const satisfies Record<ServerName, string>;
const KAFKA_LINE = 'TEST_KAFKA_LINE';
/** Set by `setup` for every test of the run. */
const DIRECTORY = 'SENTINEL_TEST_SERVERS';
const PROGRAM = join(import.meta.dirname, '../../scripts/services');

/** Calls `scripts/services`; throws with what it said when it fails. */
export function services(...words: readonly string[]): string {
  try {
    return execFileSync(PROGRAM, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr?.trim() || (error as Error).message, { cause: error });
  }
}

/** An address, or why there is none. */
export type Found<T> = { readonly address: T } | { readonly missing: string };

function find(name: ServerName, variable: string): Found<string> {
  const given = process.env[variable];
  if (given !== undefined) return { address: given };
  const directory = process.env[DIRECTORY];
  if (directory === undefined) return { missing: `${name}: run with --config vitest.ci.config.ts, or set ${variable}` };
  try {
    services('start', name, '--installed', '--dir', directory);
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return { missing: (error as Error).message };
  }
  const all = JSON.parse(services('env', '--json', '--prefix', 'TEST_', '--dir', directory)) as Record<string, string>;
  return { address: all[variable]! };
}

/**
 * The address of a server as the product's own setting writes it: `postgres://…`, `redis://…`, `host:port` for Kafka,
 * `http://…`. It is shared by all tests of a run: make a database, a key prefix, topics of your own. Takes seconds when it is
 * the first call. With `CI=true` a server that is not there is an error.
 */
export const serverAddress = (name: ServerName): Found<string> => find(name, VARIABLES[name]);

/** Of several; what is missing, if anything, as a sentence. */
export function serverAddresses<Name extends ServerName>(
  ...names: readonly Name[]
): { readonly address: Readonly<Record<Name, string>> } | { readonly missing: string } {
  const found = names.map((name) => ({ name, ...serverAddress(name) }));
  const missing = found.flatMap((each) => ('missing' in each ? [each.missing] : []));
  if (missing.length > 0) return { missing: `needs ${names.join(', ')}: ${missing.join('; ')}` };
  const addresses = found.map((each) => [each.name, 'address' in each && each.address]);
  return { address: Object.fromEntries(addresses) as Record<Name, string> };
}

/**
 * A way to Kafka that a test can break: clients given `host:port` of `line` find only that address in the broker's answers;
 * whoever listens there hands everything on to `broker`. The listening is up to the test, one at a time.
 */
export function kafkaLine(): Found<{ readonly line: string; readonly broker: string }> {
  const found = find('kafka', KAFKA_LINE);
  if ('missing' in found) return found;
  const [line, broker] = found.address.split('>') as [string, string];
  return { address: { line, broker } };
}

/** PostgreSQL runs as a user of its own where the tests run as root, and must be able to enter. */
function aServerDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-servers-'));
  chmodSync(directory, 0o711);
  return directory;
}

/** A directory with servers of one's own, to be killed and restarted; what is left of them ends with `stop`. */
export interface OwnServers {
  start(...names: readonly ServerName[]): void;
  /** Ends them as a crash does; `start` brings them back on the same ports with the same data. */
  kill(...names: readonly ServerName[]): void;
  /** Lets them finish. */
  end(...names: readonly ServerName[]): void;
  address(name: ServerName): string;
  stop(): void;
}

export function ownServers(): OwnServers {
  const directory = aServerDirectory();
  const at = ['--dir', directory] as const;
  return {
    start: (...names) => void services('start', ...names, '--installed', ...at),
    kill: (...names) => void services('stop', ...names, '--kill', ...at),
    end: (...names) => void services('stop', ...names, ...at),
    address: (name) =>
      (JSON.parse(services('env', '--json', '--prefix', 'TEST_', ...at)) as Record<string, string>)[VARIABLES[name]]!,
    stop() {
      services('stop', '--kill', ...at);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** For vitest's `globalSetup`: a place for the servers of this run, and their end. */
export function setup(): () => void {
  const directory = aServerDirectory();
  process.env[DIRECTORY] = directory;
  return () => {
    services('stop', '--kill', '--dir', directory);
    rmSync(directory, { recursive: true, force: true });
  };
}
