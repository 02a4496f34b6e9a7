/** The shared store on a Redis server: both of its ports over one connection. */
import { type OnlineStore } from '../../ports/online-store.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import { checkServer } from './check-server.ts';
import { openRedis, type RedisOptions, type Retention } from './connection.ts';
import { createRedisOnlineStore } from './online-store.ts';
import { createRedisSharedState } from './shared-state.ts';

export interface RedisStore {
  readonly store: OnlineStore;
  readonly state: SharedState;
  /** Of what Redis runs for this program; see `SharedState.attend`. */
  readonly version: string;
  /** What is wrong with how the server is set up, a sentence each. */
  check(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Rejects STORE_UNAVAILABLE when the server does not answer or cannot be used; whether the store must be restored says `state.status()`. */
export async function openRedisStore(options: RedisOptions & Retention): Promise<RedisStore> {
  const redis = await openRedis(options);
  const state = createRedisSharedState(redis, options);
  // learns the epoch in force
  await state.status().catch(async (error: unknown) => {
    await redis.close();
    throw error;
  });
  return {
    store: createRedisOnlineStore(redis, options),
    state,
    version: redis.version,
    check: () => checkServer(redis),
    close: () => redis.close(),
  };
}
