/** Starts the built service as its own process for a benchmark, waits until it is ready, and stops it. */
import { once } from 'node:events';
import { devNull } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOwn } from './own-process.ts';

export interface RunningService {
  readonly pid: number;
  readonly port: number;
  /** From spawn to `/readyz` answering 200. */
  readonly readyMs: number;
  /** SIGTERM, then the exit code. */
  stop(): Promise<number>;
  metrics(): Promise<string>;
}

export interface ServiceSurroundings {
  /** Beside this process's own: all settings, since no configuration file is read. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Topics, tables and a model’s code, on a machine that does other things too. */
const READY_TIMEOUT_MS = 180_000;
const LOOK_EVERY_MS = 20;

/** `args` go to `sentinel serve`. */
export async function startService(
  port: number,
  args: readonly string[],
  { environment, signal }: ServiceSurroundings,
): Promise<RunningService> {
  signal?.throwIfAborted();
  const startedMs = performance.now();
  const child = startOwn(['serve', '--config', devNull, '--port', String(port), ...args], environment);
  child.stdout.resume();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
  const base = `http://127.0.0.1:${port}`;
  const isReady = (): Promise<boolean> =>
    fetch(`${base}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    );
  try {
    while (!(await isReady())) {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode} before it was ready: ${errors}`); // prettier-ignore
      if (performance.now() - startedMs > READY_TIMEOUT_MS) throw new Error(`the service was not ready in time: ${errors}`); // prettier-ignore
      await sleep(LOOK_EVERY_MS, undefined, { ...(signal && { signal }) });
    }
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    pid: child.pid!,
    port,
    readyMs: performance.now() - startedMs,
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code ?? 1;
    },
    metrics: async () => (await fetch(`${base}/metrics`)).text(),
  };
}
