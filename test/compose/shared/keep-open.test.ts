import { expect, it } from 'vitest';
import { createMemoryOnlineStore } from '../../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../../src/adapters/memory/shared-world.ts';
import { keepOpen } from '../../../src/compose/shared/keep-open.ts';
import { SentinelError } from '../../../src/domain/errors.ts';
import { SILENT } from '../../support/shared-worlds.ts';

it('says in the log once why the store cannot be used, and again when that is another reason', async () => {
  const { store, state } = createMemoryOnlineStore(createMemoryWorld(Date.now));
  const told: string[] = [];
  let looks = 0;
  let reason = 'the first reason';
  const open = keepOpen({
    store,
    state: {
      ...state,
      status: () => {
        looks++;
        return Promise.reject(new SentinelError('NOT_READY', { reason }));
      },
    },
    log: { ...SILENT, warn: ({ error }) => void told.push((error as Error).message) },
    restore: () => Promise.resolve('open'),
    onOpened: () => Promise.resolve(),
    onFailure: () => undefined,
  });
  await expect.poll(() => looks, { timeout: 5_000 }).toBeGreaterThan(1);
  reason = 'the second reason';
  const seen = looks;
  await expect.poll(() => looks, { timeout: 5_000 }).toBeGreaterThan(seen + 1);
  expect(told).toEqual(['Not ready: the first reason', 'Not ready: the second reason']);
  await open.stop();
});

it('says why payments are refused by a store that is open and takes no writes, until it takes them again', async () => {
  const { store, state } = createMemoryOnlineStore(createMemoryWorld(Date.now));
  let isFull = false;
  const open = keepOpen({
    store,
    state: {
      ...state,
      tell: (...told) =>
        isFull
          ? Promise.reject(new SentinelError('NOT_READY', { reason: 'Redis has no memory left' }))
          : state.tell(...told),
    },
    log: SILENT,
    restore: async () => {
      const opened = await (await state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
      return { records: 0, entities: 0, opened };
    },
    onOpened: () => Promise.resolve(),
    onFailure: () => undefined,
  });
  expect(open.refusal()).toBe('profiles are being restored');
  await open.opened;
  const patience = { timeout: 5_000 };
  await expect.poll(open.refusal, patience).toBeUndefined();
  isFull = true;
  await expect.poll(open.refusal, patience).toBe('Redis has no memory left');
  expect(open.isOpen()).toBe(true);
  isFull = false;
  await expect.poll(open.refusal, patience).toBeUndefined();
  await open.stop();
});
