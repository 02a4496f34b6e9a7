/** Stores on a Redis server, each under a name of its own. */
import { randomUUID } from 'node:crypto';
import { openRedisStore } from '../../src/adapters/redis/open-store.ts';
import { type StoreWorld } from './shared-stores.ts';

export const DAY = 86_400_000;

export const redisOptions = (url: string, name: string) =>
  ({
    url,
    name,
    timeoutMs: 2_000,
    maxWaiting: 10_000,
    idWindowMs: 7 * DAY,
    answerMs: DAY / 24,
    labelMs: 180 * DAY,
  }) as const;

export const redisWorld =
  (url: string): StoreWorld =>
  () => {
    const name = `world-${randomUUID()}`;
    return Promise.resolve({ instance: () => openStore(url, name), end: () => Promise.resolve() });
  };

/** The store under `name`, which may have to be restored. */
export const openStore: (url: string, name: string) => ReturnType<typeof openRedisStore> = (url, name) =>
  openRedisStore(redisOptions(url, name));
