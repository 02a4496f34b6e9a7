import { describe, expect, it } from 'vitest';
import { type RedisConnection } from '../../../src/adapters/redis/connection.ts';
import { createRedisOnlineStore } from '../../../src/adapters/redis/online-store.ts';
import { SentinelError } from '../../../src/domain/errors.ts';
import { aClaim, ANSWER } from '../../support/shared-stores.ts';

const RETENTION = { idWindowMs: 1_000, answerMs: 1_000, labelMs: 1_000 };

/** A connection whose calls stay under way until they are answered here. */
function openScene() {
  let epoch = 1;
  const calls: { readonly name: string; readonly keys: readonly string[]; answer(reply: unknown): void }[] = [];
  const notReady = (): SentinelError => new SentinelError('NOT_READY', { reason: 'restored' });
  const redis = {
    epoch: () => epoch,
    key: (key: string) => Buffer.from(key),
    keyOf: (key: string, id: Uint8Array | string = '') =>
      Buffer.concat([Buffer.from(`${epoch}:${key}`), Buffer.from(id)]),
    command: (name: string, keys: readonly Buffer[]) =>
      new Promise((resolve) => calls.push({ name, keys: keys.map(String), answer: resolve })),
    expectEpoch(given: number) {
      if (given !== epoch) throw notReady();
    },
    notReady,
    together: <T>(work: () => T) => work(),
    run: <T>(work: () => Promise<T>) => work(),
  } as unknown as RedisConnection; // what these steps use of it
  return {
    store: createRedisOnlineStore(redis, RETENTION),
    calls,
    restored: () => void epoch++,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

describe('steps that wait for the call before while the store is restored', () => {
  it('confirm nothing, and leave no answer under keys of the new epoch', async () => {
    const { store, calls, restored, turn } = openScene();
    const confirm = (id: string) => store.confirm({ transactionId: id, seq: 1, epoch: 1, answer: ANSWER });
    const first = confirm('t1');
    await turn();
    const second = confirm('t2');
    restored();
    for (const { answer } of calls) answer([0]);
    expect(await first).toEqual({ isFirst: true, labelsWait: false });
    await expect(second).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(calls.map(({ name }) => name)).toEqual(['answer', 'confirm']);
    expect(calls.flatMap(({ keys }) => keys).filter((key) => key.startsWith('2:'))).toEqual([]);
  });

  it('claim nothing', async () => {
    const { store, calls, restored, turn } = openScene();
    const first = store.claim(aClaim('t1'));
    await turn();
    const second = store.claim(aClaim('t2'));
    restored();
    calls[0]!.answer([[Buffer.from('R')]]);
    expect(await first).toEqual({ status: 'reused' });
    await expect(second).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(calls).toHaveLength(1);
  });
});
