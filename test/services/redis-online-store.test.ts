import { randomUUID } from 'node:crypto';
import { Redis } from 'iovalkey';
import { expect, it } from 'vitest';
import { testOnlineStore } from '../contracts/online-store.ts';
import { testSharedState } from '../contracts/shared-state.ts';
import { DAY, openStore, redisWorld } from '../support/redis-worlds.ts';
import { serverAddress } from '../support/servers.ts';
import { aFrame } from '../support/shared-stores.ts';

const found = serverAddress('redis');

if ('missing' in found) {
  it.skip(`needs Redis: ${found.missing}`);
} else {
  testOnlineStore('Redis', redisWorld(found.address));
  testSharedState('Redis', redisWorld(found.address));

  it('lets go of tables that newer ones have replaced, once no message can come again that they decide', async () => {
    const name = `tables-${randomUUID()}`;
    const { store, state, close } = await openStore(found.address, name);
    const client = new Redis(found.address);
    await (await state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
    for (const tables of [1, 2]) await state.place({ frame: aFrame('t'), tables });
    const left = await Promise.all([1, 2].map((tables) => client.pttl(`${name}:${store.epoch()}:t${tables}`)));
    expect(left[0]).toBeGreaterThan(8 * DAY - 60_000);
    expect(left[1]).toBe(-1);
    expect(await state.tables(1)).toBeDefined();
    await Promise.all([client.quit(), close()]);
  });
}
