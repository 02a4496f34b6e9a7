/** Starts the process that sends simulated payments, and turns its summaries into lines. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LiveOrder } from '../load/live-process.ts';
import { summaryLine, type TrafficSummary } from '../load/live-traffic.ts';

/** A line a second goes to `say` until it is stopped. */
export function startLiveTraffic(
  url: string,
  ratePerSecond: number,
  say: (line: string) => void,
): { stop(): Promise<void> } {
  const { hostname, port } = new URL(url);
  const order: LiveOrder = { host: hostname, port: Number(port), ratePerSecond, seed: Date.now() % 2 ** 31 };
  const entry = new URL(`../load/live-process${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(entry), [JSON.stringify(order)], { detached: true }); // Ctrl-C is ours to pass on
  child.on('message', (summary: TrafficSummary) => say(summaryLine(summary)));
  let stopping = false;
  child.on('exit', (code) => {
    if (!stopping) say(`the simulated traffic ended with code ${code}`);
  });
  return {
    async stop() {
      stopping = true;
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
