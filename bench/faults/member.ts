/** One process of the product that is begun again whenever it ends, as a supervisor does. */
import { type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOwn } from '../own-process.ts';

export type Role = 'api' | 'worker';

export interface MemberPlan {
  readonly role: Role;
  readonly name: string;
  /** Of the command line, behind the command. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it says is added to this file. */
  readonly log: string;
}

export interface Member {
  readonly role: Role;
  readonly name: string;
  /** Where an instance answers; undefined while it does not. */
  url(): string | undefined;
  isReady(): boolean;
  /** Whether it takes payments, or works on partitions, within the time. */
  ready(withinMs: number): Promise<boolean>;
  /** Ends it as a crash does, wherever it stands. */
  kill(): void;
  freeze(): void;
  thaw(): void;
  /** Lets it finish and begins it no more; how it ended. */
  end(): Promise<number | string>;
  /** How often it ended without being told to, and with what. */
  ownEnds(): readonly string[];
}

const COMMANDS = { api: 'serve', worker: 'work' } as const satisfies Record<Role, string>;
const LOOK_EVERY_MS = 50;
/** A process that ends by itself is begun again after this. */
const PAUSE_MS = 500;
/** A process told to finish is killed after this. */
const LONGEST_END_MS = 60_000;

/** What `serve` says when it takes payments. */
const SERVING = /at (https?:\/\/\S+)/;

interface WorkerLine {
  readonly state?: string;
  readonly partitions?: number;
}

/** A line of `work --json`; other lines are words for people. */
function workerLine(text: string): WorkerLine {
  return text.startsWith('{') ? (JSON.parse(text) as WorkerLine) : {};
}

export function startMember(plan: MemberPlan): Member {
  const ends: string[] = [];
  let child: ChildProcess;
  let ended: Promise<number | string>;
  let url: string | undefined;
  let working = false;
  let killed = false;
  let wanted = true;

  const listen = (text: string): void => {
    if (plan.role === 'api') {
      url ??= SERVING.exec(text)?.[1];
      return;
    }
    const { state, partitions = 0 } = workerLine(text);
    if (state !== undefined) working = state === 'running' && partitions > 0;
  };

  const begin = (): void => {
    const here = startOwn([COMMANDS[plan.role], ...plan.words], plan.environment);
    child = here;
    killed = false;
    const log = createWriteStream(plan.log, { flags: 'a' });
    log.write(`── ${new Date().toISOString()} process ${here.pid}\n`);
    for (const stream of [here.stdout, here.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        if (child === here) listen(line);
      });
    }
    ended = new Promise((resolve) => {
      here.once('close', (code, signal) => {
        const how = code ?? signal ?? 'nothing';
        log.end(`── ended with ${how}\n`);
        url = undefined;
        working = false;
        resolve(how);
        if (!wanted) return;
        if (!killed) ends.push(String(how));
        if (killed) begin();
        else setTimeout(() => wanted && begin(), PAUSE_MS);
      });
    });
  };
  begin();

  const isReady = (): boolean => (plan.role === 'api' ? url !== undefined : working);
  return {
    role: plan.role,
    name: plan.name,
    url: () => url,
    isReady,
    async ready(withinMs) {
      for (const until = performance.now() + withinMs; performance.now() < until; await sleep(LOOK_EVERY_MS)) {
        if (isReady()) return true;
      }
      return isReady();
    },
    kill() {
      killed = true;
      child.kill('SIGKILL');
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async end() {
      wanted = false;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_END_MS);
      const how = await ended;
      clearTimeout(late);
      return how;
    },
    ownEnds: () => ends,
  };
}
