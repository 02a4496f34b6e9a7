import { createMemoryOnlineStore } from '../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../src/adapters/memory/shared-world.ts';
import { testSharedScoring } from '../contracts/shared-scoring.ts';

testSharedScoring('in memory', () => {
  const world = createMemoryWorld(Date.now);
  return Promise.resolve({
    instance: () => Promise.resolve({ ...createMemoryOnlineStore(world), close: () => Promise.resolve() }),
    end: () => Promise.resolve(),
  });
});
