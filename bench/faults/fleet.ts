/** The product under test: two API instances and two stream workers over shared servers. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeClock } from './fake-clock.ts';
import { type Lines } from './lines.ts';
import { type Member, type Role, startMember } from './member.ts';
import { type ServerName } from '../own-servers.ts';

export interface Fleet {
  readonly apis: readonly Member[];
  readonly workers: readonly Member[];
  /** The journal's key, 64 hex digits. */
  readonly journalKey: string;
  /** Begins one more API instance, to be ended by the caller; once the others have ended. */
  begin(): Member;
  /** Lets all of them finish; a sentence for each that did not end well. */
  end(): Promise<readonly string[]>;
  /** Ends them at once. */
  kill(): Promise<void>;
}

export interface FleetOptions {
  readonly directory: string;
  readonly modelsDir: string;
  readonly lines: Lines;
  /** The second instance lives by it, where there is one. */
  readonly clock: FakeClock | undefined;
}

const EACH = 2;
/** Told to all processes and to whoever reads what they leave; nothing here is worth a secret. */
const [JOURNAL_KEY, TOKEN_KEY] = ['5e', '7a'].map((byte) => byte.repeat(32)) as [string, string];
/** Far more than a payment takes: what the fallback decided could not be compared with a replay. */
const DEADLINE_MS = 30_000;
/** The first of each role comes by all lines, so that half of the fleet sees what the other half does not. */
const BY_LINES: readonly (readonly ServerName[])[] = [['kafka', 'redis', 'postgres'], ['postgres']];

export function startFleet({ directory, modelsDir, lines, clock }: FleetOptions): Fleet {
  const start = (role: Role, index: number): Member => {
    const name = `${role}-${index}`;
    const own = join(directory, name);
    mkdirSync(own, { recursive: true });
    const words = ['--data-dir', own, '--models-dir', modelsDir, '--log-level', 'info'];
    return startMember({
      role,
      name,
      words: role === 'api' ? [...words, '--port', '0'] : [...words, '--json'],
      environment: {
        ...lines.settings(BY_LINES[index]!),
        SENTINEL_JOURNAL_KEY: JOURNAL_KEY,
        SENTINEL_TOKEN_KEY: TOKEN_KEY,
        SENTINEL_DEADLINE_MS: String(DEADLINE_MS),
        ...(role === 'api' && index === 1 && clock?.environment),
      },
      log: join(directory, `${name}.log`),
    });
  };
  const some = (role: Role): Member[] => Array.from({ length: EACH }, (_, index) => start(role, index));
  const [apis, workers] = [some('api'), some('worker')];
  const members = [...apis, ...workers];
  return {
    apis,
    workers,
    journalKey: JOURNAL_KEY,
    begin: () => start('api', 0),
    async end() {
      const ends = await Promise.all(members.map(async ({ name, end }) => ({ name, how: await end() })));
      return ends
        .filter(({ how }) => how !== 0)
        .map(({ name, how }) => `${name} ended with ${how} when told to finish`);
    },
    async kill() {
      const all = members.map((member) => {
        const ended = member.end();
        member.kill();
        return ended;
      });
      await Promise.all(all);
    },
  };
}
