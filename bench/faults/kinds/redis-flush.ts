/** Somebody empties Redis. */
import { Redis } from 'iovalkey';
import { type FaultKind } from '../fault.ts';

export const redisFlush: FaultKind = {
  name: 'redis flushes',
  sentence: 'FLUSHALL on Redis.',
  usual: 4,
  lane: 'rest',
  async strike({ servers }) {
    const client = new Redis(servers.addresses.redis, { lazyConnect: true });
    await client.connect();
    await client.flushall();
    client.disconnect();
  },
};
