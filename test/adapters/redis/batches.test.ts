import { describe, expect, it } from 'vitest';
import { createBatches } from '../../../src/adapters/redis/batches.ts';

interface Item {
  readonly name: string;
  readonly epoch: number;
}

const item = (name: string, epoch = 1): Item => ({ name, epoch });

/** Batches whose calls end when told. */
function openScene(intervalMs = 0) {
  const calls: { readonly names: readonly string[]; end(): void; fail(error: Error): void }[] = [];
  const batches = createBatches<Item, string>(
    (items) =>
      new Promise((resolve, reject) => {
        const names = items.map(({ name }) => name);
        calls.push({ names, end: () => resolve(names.map((name) => `to ${name}`)), fail: reject });
      }),
    intervalMs,
  );
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { batches, calls, turn };
}

describe('batches', () => {
  it('send what is added in one turn together, and reply to each', async () => {
    const { batches, calls, turn } = openScene();
    const replies = Promise.all([batches.add(item('a')), batches.add(item('b'))]);
    await turn();
    expect(calls.map(({ names }) => names)).toEqual([['a', 'b']]);
    calls[0]!.end();
    expect(await replies).toEqual(['to a', 'to b']);
  });

  it('keep what is added while a call is under way for the next', async () => {
    const { batches, calls, turn } = openScene();
    const all = [batches.add(item('a'))];
    await turn();
    all.push(batches.add(item('b')));
    await turn();
    all.push(batches.add(item('c')));
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]!.end();
    await turn();
    expect(calls[1]!.names).toEqual(['b', 'c']);
    calls[1]!.end();
    expect(await Promise.all(all)).toEqual(['to a', 'to b', 'to c']);
  });

  it('hold 32 at most, and nothing of another epoch', async () => {
    const { batches, calls, turn } = openScene();
    const all = Array.from({ length: 40 }, (_, i) => batches.add(item(`${i}`, i < 35 ? 1 : 2)));
    for (let i = 0; i < 3; i++) {
      await turn();
      calls[i]!.end();
    }
    expect(await Promise.all(all)).toHaveLength(40);
    expect(calls.map(({ names }) => names.length)).toEqual([32, 3, 5]);
  });

  it('gather for a while after a call began, unless they are full', async () => {
    const { batches, calls, turn } = openScene(50);
    const all = [batches.add(item('alone'))];
    await turn();
    expect(calls).toHaveLength(1);
    const startedMs = performance.now();
    calls[0]!.end();
    all.push(batches.add(item('a')));
    await new Promise((resolve) => setTimeout(resolve, 10));
    all.push(batches.add(item('b')));
    while (calls.length < 2) await turn();
    expect(performance.now() - startedMs).toBeGreaterThan(40);
    expect(calls[1]!.names).toEqual(['a', 'b']);
    all.push(...Array.from({ length: 32 }, (_, index) => batches.add(item(`${index}`))));
    calls[1]!.end();
    await turn();
    expect(calls[2]?.names).toHaveLength(32);
    calls[2]!.end();
    await Promise.all(all);
  });

  it('reject all of a call that fails, and go on with the next', async () => {
    const { batches, calls, turn } = openScene();
    const first = [batches.add(item('a')), batches.add(item('b'))];
    await turn();
    const second = batches.add(item('c'));
    calls[0]!.fail(new Error('gone'));
    expect(await Promise.allSettled(first)).toMatchObject([
      { status: 'rejected', reason: { message: 'gone' } },
      { status: 'rejected', reason: { message: 'gone' } },
    ]);
    await turn();
    calls[1]!.end();
    expect(await second).toBe('to c');
    const later = batches.add(item('d'));
    await turn();
    calls[2]!.end();
    expect(await later).toBe('to d');
  });
});
