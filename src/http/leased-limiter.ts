/** The rate limit that instances share: tokens are leased from all in small lots, so that no call waits for them. */
import { type RateLimiter } from './rate-limiter.ts';

/** Takes `calls` of what all instances may make together in the name of one key; rejects when that cannot be known. */
export type LeaseCalls = (name: string, calls: number) => Promise<boolean>;

/** What one lease takes beyond what is owed: this share of a second's calls, so an instance holds that many too many at most. */
const LOT_SHARE = 1 / 20;
/** How long the local limiter alone decides when leases cannot be had. */
const AWAY_US = 1_000_000;
const SECOND_US = 1_000_000;

interface Lease {
  /** Leased and not used; below 0 when calls were let in while a lease was on its way, or a batch overdrew it. */
  tokens: number;
  isAsked: boolean;
  refusedUntilUs: number;
}

/** `local` bounds what this instance lets in whatever the others do, and decides alone while no lease can be had. */
export function createLeasedLimiter(
  perSecond: number,
  { local, lease, monotonicUs }: { readonly local: RateLimiter; readonly lease: LeaseCalls; readonly monotonicUs: () => number }, // prettier-ignore
): RateLimiter {
  const lot = Math.max(1, Math.ceil(perSecond * LOT_SHARE));
  const leases = new Map<string, Lease>();
  let awayUntilUs = -Infinity;

  const ask = async (name: string, held: Lease): Promise<void> => {
    held.isAsked = true;
    // What a batch overdrew is paid at once: lot by lot, each lot would cost a refused call, however late it came.
    const calls = lot + Math.max(0, -held.tokens);
    try {
      if (await lease(name, calls)) held.tokens += calls;
      else held.refusedUntilUs = monotonicUs() + (lot / perSecond) * SECOND_US;
    } catch {
      awayUntilUs = monotonicUs() + AWAY_US;
    }
    held.isAsked = false;
    if (held.tokens < 0) askIfShort(name, held);
  };

  const askIfShort = (name: string, held: Lease): void => {
    const nowUs = monotonicUs();
    if (held.tokens >= lot / 2 || held.isAsked || nowUs < held.refusedUntilUs || nowUs < awayUntilUs) return;
    void ask(name, held);
  };

  return {
    take(name, calls) {
      if (monotonicUs() < awayUntilUs) return local.take(name, calls);
      let held = leases.get(name);
      if (held === undefined) leases.set(name, (held = { tokens: 0, isAsked: false, refusedUntilUs: -Infinity }));
      askIfShort(name, held);
      const isLeased = held.tokens >= 1 || (held.isAsked && held.tokens > -lot);
      if (!isLeased || !local.take(name, calls)) return false;
      held.tokens -= calls;
      askIfShort(name, held);
      return true;
    },
    waitSeconds: local.waitSeconds,
  };
}
