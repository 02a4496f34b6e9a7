import { createMemoryOnlineStore } from '../../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../../src/adapters/memory/shared-world.ts';
import { testOnlineStore } from '../../contracts/online-store.ts';
import { type StoreWorld } from '../../support/shared-stores.ts';
import { testSharedState } from '../../contracts/shared-state.ts';

const openWorld: StoreWorld = () => {
  const world = createMemoryWorld(Date.now);
  return Promise.resolve({
    instance: () => Promise.resolve({ ...createMemoryOnlineStore(world), close: () => Promise.resolve() }),
    end: () => Promise.resolve(),
  });
};

testOnlineStore('in memory', openWorld);
testSharedState('in memory', openWorld);
