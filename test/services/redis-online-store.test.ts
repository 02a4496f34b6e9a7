import { afterAll, it } from 'vitest';
import { testOnlineStore } from '../contracts/online-store.ts';
import { testSharedState } from '../contracts/shared-state.ts';
import { installedRedis, startRedisServer } from '../support/redis-server.ts';
import { redisWorld } from '../support/redis-worlds.ts';

const version = installedRedis();

if (version === undefined) {
  it.skip('needs Redis installed (apt-get install redis-server)');
} else {
  const server = await startRedisServer(version);
  afterAll(() => server.stop());
  testOnlineStore(`Redis ${version}`, redisWorld(server.url));
  testSharedState(`Redis ${version}`, redisWorld(server.url));
}
