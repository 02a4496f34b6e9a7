/** Stream workers as processes of their own, for a benchmark. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startOwn } from './own-process.ts';

export interface RunningWorker {
  readonly pid: number;
  /** Resolves when it works on at least one partition; rejects when it ends before. */
  readonly ready: Promise<void>;
  /** Decisions by the policy’s fallback so far, as its next line tells. */
  fallbacks(): Promise<number>;
  /** SIGTERM, then the exit code. */
  stop(): Promise<number>;
}

interface WorkerLine {
  readonly state: string;
  readonly partitions: number;
  readonly fallbacks: number;
}

/** `args` go to `sentinel work`, whose surroundings are `environment`. */
export function startWorker(args: readonly string[], environment: Readonly<Record<string, string>>): RunningWorker {
  const child = startOwn(['work', '--json', ...args], environment);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      const { state, partitions } = JSON.parse(line) as WorkerLine; // what `work --json` writes
      if (state === 'running' && partitions > 0) resolve();
    });
    child.once('exit', (code) => reject(new Error(`a worker ended with ${code}: ${errors}`)));
  });
  ready.catch(() => undefined); // whoever waits hears of it
  return {
    pid: child.pid!,
    ready,
    async fallbacks() {
      const [line] = (await once(lines, 'line')) as [string];
      return (JSON.parse(line) as WorkerLine).fallbacks;
    },
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code ?? 1;
    },
  };
}
