/** Work that is told to stop when its time is up. */

/**
 * Runs `work` with a signal that aborts after `ms` (a `TimeoutError`) or with `outer`. Not `AbortSignal.any` with
 * `AbortSignal.timeout`: on Node 20 the collector may take the timer away before it fires.
 */
export async function withTimeLimit<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException(`over ${ms} ms`, 'TimeoutError')), ms);
  const pass = (): void => limit.abort(outer?.reason);
  if (outer?.aborted === true) pass();
  outer?.addEventListener('abort', pass, { once: true });
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', pass);
  }
}
