/** The built service as a process of its own, to be killed: started, paid against, and asked what it remembers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openConnection, postBytes, type Reply } from '../../../src/load/http-connection.ts';

const MAIN = join(import.meta.dirname, '../../../dist/src/cli/main.js');

export interface ServiceProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it said to people. */
  readonly said: () => string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  /** A module that Node loads before anything else. */
  readonly preload?: string;
}

/** Resolves when it takes payments; rejects with its last words when it ends before. */
export async function startProcess(words: readonly string[], around: Surroundings = {}): Promise<ServiceProcess> {
  const preload = around.preload === undefined ? [] : ['--import', around.preload];
  const serve = [MAIN, 'serve', '--port', '0', '--log-level', 'warn', ...words];
  const child = spawn(process.execPath, [...preload, ...serve], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...around.environment },
  });
  let said = '';
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const ready = new Promise<string>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /at (http:\/\/\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const url = await Promise.race([ready, ended.then((end) => Promise.reject(new Error(`ended with ${end}: ${said}`)))]);
  return { url, child, said: () => said, ended };
}

/** What was sent, and the answer that came for it. */
export interface Answered {
  readonly request: string;
  readonly answer: Readonly<Record<string, unknown>>;
}

export interface Payer {
  /** By transaction id; only what was answered in full. */
  readonly answered: ReadonlyMap<string, Answered>;
  /** Answers by status; 0 is a connection that broke. */
  readonly statuses: () => Readonly<Record<number, number>>;
  /** Requests sent and not answered yet. */
  readonly inFlight: () => number;
  /** Sends nothing more. */
  stop(): void;
}

/** Keeps `connections` connections busy with payments under ids that begin with `run`, until it is stopped. */
export function startPaying(url: string, run: string, connections: number, bodyOf: (id: string) => object): Payer {
  const { hostname, port, host } = new URL(url);
  const answered = new Map<string, Answered>();
  const statuses: Record<number, number> = {};
  let [next, inFlight, stopped] = [0, 0, false];
  const pay = (connection: ReturnType<typeof openConnection>): void => {
    if (stopped) return;
    const id = `${run}-${next++}`;
    const request = JSON.stringify({ transaction_id: id, ...bodyOf(id) });
    inFlight++;
    connection.send(postBytes(host, '/api/v1/predict', request), ({ status, body }: Reply) => {
      inFlight--;
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) answered.set(id, { request, answer: JSON.parse(body.toString()) as Answered['answer'] });
      if (status !== 0) pay(connection);
      else connection.close();
    });
  };
  for (let index = 0; index < connections; index++) pay(openConnection(hostname, Number(port)));
  return {
    answered,
    statuses: () => statuses,
    inFlight: () => inFlight,
    stop() {
      stopped = true;
    },
  };
}

/** Calls `work` on each item, a few at a time. */
export async function each<T>(items: Iterable<T>, work: (item: T) => Promise<void>, atOnce = 8): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
