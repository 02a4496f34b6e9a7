/** Starts a thread from a file of the program, whether it runs built or from its sources. */
import { Worker } from 'node:worker_threads';

/** Node 20 cannot run TypeScript; a thread that is to run it registers tsx first (`--import tsx` has no effect there). */
function fromSource(entry: URL, tsx: URL): URL {
  const program = `import { register } from ${JSON.stringify(tsx.href)};
register();
await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

/** A thread running `entry`, named without its ending: the .js of the build, or the .ts when this file is one itself. */
export function startThread(entry: URL, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`${entry.href}.js`), { workerData });
  const tsx = new URL(import.meta.resolve('tsx/esm/api'));
  return new Worker(fromSource(new URL(`${entry.href}.ts`), tsx), { workerData, execArgv: [] });
}
