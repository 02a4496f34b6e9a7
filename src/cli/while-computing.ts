/** Lets Ctrl-C end a long computation, which leaves the event loop no turn to hear of it. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work`, which must not wait and must write nothing: a signal ends the process at once, as if nobody listened.
 * Afterwards those who listened before listen again.
 */
export function whileComputing<T>(work: () => T): T {
  const kept = SIGNALS.map((name) => ({ name, listeners: process.listeners(name) }));
  for (const { name } of kept) process.removeAllListeners(name);
  try {
    return work();
  } finally {
    for (const { name, listeners } of kept) for (const listener of listeners) process.on(name, listener);
  }
}
