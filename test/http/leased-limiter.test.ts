import { describe, expect, it } from 'vitest';
import { createLeasedLimiter, type LeaseCalls } from '../../src/http/leased-limiter.ts';
import { createRateLimiter, type RateLimiter } from '../../src/http/rate-limiter.ts';

const PER_SECOND = 100;

/** Instances that share a bucket, at a time of the test's own. */
function aWorld(instances: number) {
  let nowUs = 0;
  const monotonicUs = (): number => nowUs;
  const shared = createRateLimiter(PER_SECOND, monotonicUs);
  let isAway = false;
  const lease: LeaseCalls = (name, calls) =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve(shared.take(name, calls));
  const limiters = Array.from({ length: instances }, () =>
    createLeasedLimiter(PER_SECOND, { local: createRateLimiter(PER_SECOND, monotonicUs), lease, monotonicUs }),
  );
  return {
    limiters,
    leave: () => (isAway = true),
    /** A request of so many calls after `afterMs` in which nothing was asked; whether it was let in. */
    async ask(calls: number, afterMs: number): Promise<boolean> {
      nowUs += afterMs * 1_000;
      const isTaken = (limiters[0] as RateLimiter).take('key', calls);
      await Promise.resolve();
      await Promise.resolve();
      return isTaken;
    },
    /** Calls every millisecond for `ms`, in turn on each instance; returns how many were let in. */
    async call(ms: number, name = 'key'): Promise<number> {
      let taken = 0;
      for (let i = 0; i < ms; i++) {
        nowUs += 1_000;
        if ((limiters[i % instances] as RateLimiter).take(name, 1)) taken++;
        await Promise.resolve();
        await Promise.resolve();
      }
      return taken;
    },
  };
}

describe('a rate limit that instances share', () => {
  it('lets in together what one of them may, give or take a lot each', async () => {
    const world = aWorld(4);
    const first = await world.call(1_000);
    expect(first).toBeGreaterThanOrEqual(PER_SECOND); // a full bucket, and what flows in meanwhile
    expect(first).toBeLessThanOrEqual(2 * PER_SECOND + 4 * 10);
    const steady = await world.call(10_000);
    expect(steady / 10).toBeGreaterThan(0.9 * PER_SECOND);
    expect(steady / 10).toBeLessThan(1.1 * PER_SECOND);
  });

  it('lets a batch in again once the time it overdrew has passed, however rarely anything is asked', async () => {
    const world = aWorld(1);
    const large = 10 * PER_SECOND;
    expect(await world.ask(large, 0)).toBe(true);
    expect(await world.ask(1, 5_000)).toBe(false);
    for (let i = 0; i < 3; i++) expect(await world.ask(large, 11_000)).toBe(true);
  });

  it('counts each key apart', async () => {
    const world = aWorld(2);
    await world.call(5_000, 'one');
    expect(await world.call(100, 'another')).toBe(100);
  });

  it('is that of each instance by itself while leases cannot be had', async () => {
    const world = aWorld(2);
    await world.call(3_000);
    world.leave();
    await world.call(3_000);
    const alone = await world.call(10_000);
    expect(alone / 10).toBeGreaterThan(1.8 * PER_SECOND);
    expect(alone / 10).toBeLessThan(2.2 * PER_SECOND);
  });

  it('lets no more through one instance than its own limit, whatever it has leased', async () => {
    const world = aWorld(1);
    await world.call(2_000);
    expect((await world.call(5_000)) / 5).toBeLessThan(1.05 * PER_SECOND);
  });
});
