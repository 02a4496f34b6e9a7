/** Starts a process from a file of the program that is spoken to like a thread, where a thread would share too much. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One end of the line between two processes; messages are copied, typed arrays included. */
export interface ProcessPort {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  postMessage(message: unknown): void;
}

export interface StartedProcess extends ProcessPort {
  /** Once, when it has ended for whatever reason, with its exit code or the name of the signal. */
  onExit(listener: (how: number | string) => void): void;
  /** Ends it at once. */
  terminate(): Promise<void>;
}

/** The number that the first inherited descriptor has in the process started: behind its streams and the line. */
export const FIRST_INHERITED = 4;

export interface ProcessOptions {
  /** Descriptors that it has too, from FIRST_INHERITED on. */
  readonly inherit?: readonly number[];
  /** Of Node; by default none. */
  readonly flags?: readonly string[];
  /** It lets all others go before it, from the first file it loads. */
  readonly givesWay?: boolean;
}

/** A process running `entry`, named without its ending: the .js of the build, or the .ts when this file is one itself. */
export function startProcess(entry: URL, data: unknown, options: ProcessOptions = {}): StartedProcess {
  const isBuilt = !import.meta.url.endsWith('.ts');
  const fileOf = ({ href }: URL): string => fileURLToPath(`${href}${isBuilt ? '.js' : '.ts'}`);
  const files = [...(options.givesWay === true ? [new URL('./idle-entry', import.meta.url)] : []), entry].map(fileOf);
  const child = fork(files[0]!, files.slice(1), {
    serialization: 'advanced',
    execArgv: isBuilt ? [...(options.flags ?? [])] : ['--import', import.meta.resolve('tsx')],
    stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...(options.inherit ?? [])],
  });
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    child.once('error', (error) => resolve(error.message));
  });
  post(child, data);
  return {
    on: (event, listener) => child.on(event, listener),
    postMessage: (message) => post(child, message),
    onExit: (listener) => void exited.then(listener),
    async terminate() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** What the other process ended before it could hear is told through `onExit`. */
function post(child: ChildProcess, message: unknown): void {
  if (child.connected) child.send(message as object, () => undefined);
}

/**
 * In the process started: what it was given and the line to its parent. It ends with its parent, and only by it: Ctrl-C
 * at a terminal is meant for the parent, which then closes this one in order.
 */
export async function parentProcess<T>(): Promise<{ readonly data: T; readonly port: ProcessPort }> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.once('disconnect', () => process.exit());
  const early: unknown[] = [];
  let hear = (message: unknown): void => void early.push(message);
  const data = await new Promise<unknown>((resolve) => {
    process.once('message', (first) => {
      process.on('message', (message) => hear(message));
      resolve(first);
    });
  });
  return {
    data: data as T, // as given to startProcess
    port: {
      on(_event, listener) {
        hear = listener;
        for (const message of early.splice(0)) listener(message);
      },
      // A parent that was killed hears nothing any more; `disconnect` ends this process.
      postMessage: (message) => void process.send!(message, undefined, undefined, () => undefined),
    },
  };
}
