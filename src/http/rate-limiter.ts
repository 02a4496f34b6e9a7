/** A token bucket for each key: a second's worth of calls at once, then a steady rate. */

export interface RateLimiter {
  /** Whether `name` may make `calls` calls now; a batch may overdraw its bucket once and then waits longer. */
  take(name: string, calls: number): boolean;
  /** After how many whole seconds, one at least, `name` may make a call when it makes none until then. */
  waitSeconds(name: string): number;
}

interface Bucket {
  tokens: number;
  filledUs: number;
}

const SECOND_US = 1_000_000;

/** `perSecond` undefined: no limit. */
export function createRateLimiter(perSecond: number | undefined, monotonicUs: () => number): RateLimiter {
  if (perSecond === undefined) return { take: () => true, waitSeconds: () => 1 };
  const buckets = new Map<string, Bucket>();
  return {
    take(name, calls) {
      const nowUs = monotonicUs();
      let bucket = buckets.get(name);
      if (bucket === undefined) buckets.set(name, (bucket = { tokens: perSecond, filledUs: nowUs }));
      bucket.tokens = Math.min(perSecond, bucket.tokens + ((nowUs - bucket.filledUs) / SECOND_US) * perSecond);
      bucket.filledUs = nowUs;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= calls;
      return true;
    },
    waitSeconds: (name) => Math.max(1, Math.ceil((1 - (buckets.get(name)?.tokens ?? 1)) / perSecond)),
  };
}
