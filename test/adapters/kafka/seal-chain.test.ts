import { describe, expect, it } from 'vitest';
import { chained, requestsOf, type Seal, unsealedFrom } from '../../../src/adapters/kafka/seal-chain.ts';

const aSeal = (from: number, to: number, previous: string, mac: string): Seal => ({
  partition: 0,
  from,
  to,
  messages: to - from,
  previous,
  mac,
});
const [FIRST, SECOND] = [aSeal(0, 10, '', 'a'), aSeal(10, 20, 'a', 'b')];

describe('the chain of seals', () => {
  it('goes on where the last one ended', () => {
    expect(unsealedFrom(undefined, 0)).toBe(0);
    expect(unsealedFrom(SECOND, 0)).toBe(20);
    expect(unsealedFrom(SECOND, 15)).toBe(20);
    expect(chained([FIRST, SECOND], [0])).toEqual({ seals: [FIRST, SECOND], broken: [] });
  });

  it('goes on where the topic begins when retention has removed more than was sealed', () => {
    expect(unsealedFrom(SECOND, 25)).toBe(25);
    const third = aSeal(unsealedFrom(SECOND, 25), 40, 'b', 'c');
    expect(chained([FIRST, SECOND, third], [25]).broken).toEqual([]);
    expect(chained([FIRST, SECOND, third], [90]).broken).toEqual([]);
  });

  it('is broken where a seal was taken out, though what it sealed is gone, and where messages lie between two', () => {
    const third = aSeal(20, 30, 'b', 'c');
    expect(chained([FIRST, third], [0]).broken).toEqual([third]);
    expect(chained([FIRST, third], [25]).broken).toEqual([third]);
    const apart = aSeal(25, 30, 'b', 'c');
    expect(chained([FIRST, SECOND, apart], [24]).broken).toEqual([apart]);
  });

  it('is written in requests that the topic takes', () => {
    const mac = 'f'.repeat(64);
    const seals = Array.from({ length: 5_000 }, (_, at) => aSeal(at * 10_000, (at + 1) * 10_000, mac, mac));
    const requests = requestsOf(seals);
    expect(requests.flat().map(({ value }) => (JSON.parse(String(value)) as Seal).from)).toEqual(seals.map(({ from }) => from)); // prettier-ignore
    for (const request of requests) {
      expect(request.reduce((sum, { value }) => sum + value.length + 100, 0)).toBeLessThan(1_048_588);
    }
    expect(requestsOf([])).toEqual([]);
  });
});
