import { describe, expect, it } from 'vitest';
import { createInTurn } from '../../src/usecases/in-turn.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each([true, false])('work in turn, going on after a failure: %s', (goesOnAfterFailure) => {
  it('waits for what was asked before it under the same key, and for nothing else', async () => {
    const inTurn = createInTurn({ goesOnAfterFailure });
    const begun: string[] = [];
    let finish = (): void => undefined;
    const work = (name: string) => async () => {
      begun.push(name);
      if (name === 'a1') await new Promise<void>((resolve) => (finish = resolve));
      return name;
    };
    const all = [inTurn('a', work('a1')), inTurn('a', work('a2')), inTurn('b', work('b1'))];
    await turn();
    expect(begun).toEqual(['a1', 'b1']);
    finish();
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'b1']);
    expect(begun).toEqual(['a1', 'b1', 'a2']);
  });

  it('tells a failure to whom it belongs', async () => {
    const inTurn = createInTurn({ goesOnAfterFailure });
    const settled = await Promise.allSettled([
      inTurn('a', () => Promise.reject(new Error('no'))),
      inTurn('a', () => Promise.resolve('next')),
      inTurn('b', () => Promise.resolve('other')),
    ]);
    const expected = ['rejected', goesOnAfterFailure ? 'fulfilled' : 'rejected', 'fulfilled'];
    expect(settled.map(({ status }) => status)).toEqual(expected);
  });
});
