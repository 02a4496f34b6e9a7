/** Lets Ctrl-C end a long computation, which leaves the event loop no turn to hear of it. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work`, which must wait for nothing but computations of its own and must write nothing: a signal ends the process
 * at once, as if nobody listened. Afterwards, when `work` gave a promise once that is settled, those who listened before
 * listen again.
 */
export function whileComputing<T>(work: () => T): T {
  const kept = SIGNALS.map((name) => ({ name, listeners: process.listeners(name) }));
  const listenAgain = (): void => {
    for (const { name, listeners } of kept) for (const listener of listeners) process.on(name, listener);
  };
  for (const { name } of kept) process.removeAllListeners(name);
  let isLater = false;
  try {
    const result = work();
    isLater = result instanceof Promise;
    return isLater ? ((result as Promise<unknown>).finally(listenAgain) as T) : result; // of the same kind and value
  } finally {
    if (!isLater) listenAgain();
  }
}
