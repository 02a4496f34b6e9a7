/** Does something again and again, one after the other, until it is stopped. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Repeated {
  /** Resolves when what is being done is done; it is not begun again. */
  stop(): Promise<void>;
}

/** `work` gets a signal that aborts at the stop; what it throws goes to `onError`, and it is tried again. */
export function repeat(
  everyMs: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  onError: (error: unknown) => void,
): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await work(signal).catch((error: unknown) => {
        if (!signal.aborted) onError(error);
      });
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined); // stopped
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
