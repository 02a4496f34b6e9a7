/** Keeps the thread that leads when its turn comes: started again when it fails, ended in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Worker } from 'node:worker_threads';
import { startThread } from '../../adapters/system/start-thread.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { type Log } from '../../ports/log.ts';
import { type LeaderOrder } from './leader-thread.ts';
import { type LogLine, writeLine } from './log-line.ts';

const RESTART_MS = 5 * SECOND_MS;
/** Servers out of reach must not keep the process. */
const END_MS = 5 * SECOND_MS;

export function startLeader(order: LeaderOrder, log: Log): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let thread: Worker | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const started = startThread(new URL('./leader-thread', import.meta.url), order);
      thread = started;
      started.unref();
      started.on('message', (line: LogLine) => writeLine(log, line));
      started.on('error', (error) => log.warn({ error }, 'the thread that may lead failed; it is started again'));
      ended = new Promise((resolve) => started.once('exit', resolve)); // events.once would reject at the error, too
      await ended;
      await sleep(RESTART_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined); // stopped
    }
  };
  void keep();
  return {
    async stop() {
      stopping.abort();
      thread?.postMessage('end');
      await Promise.race([ended, sleep(END_MS, undefined, { ref: false })]);
      await thread?.terminate();
    },
  };
}
