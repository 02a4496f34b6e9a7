/** Starts a thread from a file beside this one, whether the program runs built or from its sources. */
import { Worker } from 'node:worker_threads';

/** Node 20 cannot run TypeScript; a thread that is to run it registers tsx first (`--import tsx` has no effect there). */
function fromSource(entry: URL, tsx: URL): URL {
  const program = `import { register } from ${JSON.stringify(tsx.href)};
register();
await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

/** A thread running `name`.js, or `name`.ts when this file is TypeScript itself. */
export function startThread(name: string, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData });
  const tsx = new URL(import.meta.resolve('tsx/esm/api'));
  return new Worker(fromSource(new URL(`./${name}.ts`, import.meta.url), tsx), { workerData, execArgv: [] });
}
