import { it } from 'vitest';
import { testOnlineStore } from '../contracts/online-store.ts';
import { testSharedState } from '../contracts/shared-state.ts';
import { redisWorld } from '../support/redis-worlds.ts';
import { serverAddress } from '../support/servers.ts';

const found = serverAddress('redis');

if ('missing' in found) {
  it.skip(`needs Redis: ${found.missing}`);
} else {
  testOnlineStore('Redis', redisWorld(found.address));
  testSharedState('Redis', redisWorld(found.address));
}
