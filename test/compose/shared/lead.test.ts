import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryWorld } from '../../../src/adapters/memory/shared-world.ts';
import { createMemoryOnlineStore } from '../../../src/adapters/memory/online-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { lead, type Work } from '../../../src/compose/shared/lead.ts';

const GRANTED_MS = 250;

/** Processes that may lead, over one store. */
function aWorld() {
  const world = createMemoryWorld(Date.now);
  const events: string[] = [];
  let isAway = false;
  const candidate = (name: string, fails?: Promise<never>) => {
    const { state } = createMemoryOnlineStore(world);
    return lead({
      state: { lead: (...asked) => (isAway ? Promise.reject(new Error('away')) : state.lead(...asked)) },
      role: 'leader',
      monotonicUs: systemClock.monotonicUs,
      grantedMs: GRANTED_MS,
      askMs: GRANTED_MS / 5,
      onError: (error) => events.push(`${name}: ${(error as Error).message}`),
      begin: () => {
        events.push(`${name} begins`);
        const work: Work = {
          failed: fails ?? new Promise(() => undefined),
          stop: () => Promise.resolve(void events.push(`${name} stops`)),
        };
        return Promise.resolve(work);
      },
    });
  };
  return { events, candidate, leave: () => (isAway = true), comeBack: () => (isAway = false) };
}

describe('leading', () => {
  it('is done by one at a time, and by another when the first has stopped', async () => {
    const { events, candidate } = aWorld();
    const one = candidate('one');
    await expect.poll(() => events).toEqual(['one begins']);
    const two = candidate('two');
    await sleep(3 * GRANTED_MS);
    expect(events).toEqual(['one begins']);
    await one.stop();
    await expect.poll(() => events).toEqual(['one begins', 'one stops', 'two begins']);
    await two.stop();
  });

  it('ends when the role cannot be kept in time, and begins again when it can', async () => {
    const { events, candidate, leave, comeBack } = aWorld();
    const one = candidate('one');
    await expect.poll(() => events).toEqual(['one begins']);
    leave();
    await expect.poll(() => events).toEqual(['one begins', 'one stops']);
    comeBack();
    await expect.poll(() => events).toEqual(['one begins', 'one stops', 'one begins']);
    await one.stop();
  });

  it('begins again when the work fails', async () => {
    const { events, candidate } = aWorld();
    const one = candidate('one', Promise.reject(new Error('no broker')));
    await expect.poll(() => events.slice(0, 4)).toEqual(['one begins', 'one: no broker', 'one stops', 'one begins']);
    await one.stop();
  });
});
