/** Time limits for very many calls with one timer: a timer for each costs more than the call. */

/** How often calls are looked at, by the share of the limit. */
const LOOKS_PER_LIMIT = 8;

interface Call {
  readonly sinceMs: number;
  readonly reject: (error: Error) => void;
}

export interface Patience {
  waiting(): number;
  /** `work`, rejected with “timed out” when it takes longer than the limit. */
  limit<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/** `onSilence` is called when calls wait and none was answered for the whole limit: the line is dead, though nobody says so. */
export function createPatience(limitMs: number, onSilence: () => void): Patience {
  /** In the order of their beginning. */
  const calls = new Set<Call>();
  let answeredMs = performance.now();
  const look = setInterval(() => {
    const nowMs = performance.now();
    for (const call of calls) {
      if (call.sinceMs > nowMs - limitMs) break;
      if (answeredMs < nowMs - limitMs) {
        answeredMs = nowMs;
        onSilence();
      }
      calls.delete(call);
      call.reject(new Error(`timed out after ${limitMs} ms`));
    }
  }, limitMs / LOOKS_PER_LIMIT);
  look.unref();
  return {
    waiting: () => calls.size,
    limit: <T>(work: Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        const call = { sinceMs: performance.now(), reject };
        if (calls.size === 0) answeredMs = call.sinceMs;
        calls.add(call);
        work.then(
          (value) => {
            calls.delete(call);
            answeredMs = performance.now();
            resolve(value);
          },
          (error: unknown) => {
            calls.delete(call);
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      }),
    end: () => clearInterval(look),
  };
}
