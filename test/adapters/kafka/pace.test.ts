import { describe, expect, it } from 'vitest';
import { createPace } from '../../../src/adapters/kafka/pace.ts';

describe('the pace of a worker', () => {
  /** Handles `count` parts at `usEach` a message and `usPart` a part; the sizes of the parts. */
  const run = (pace: ReturnType<typeof createPace>, count: number, msEach: number, msPart = 0): number[] =>
    Array.from({ length: count }, () => {
      const size = pace.limit();
      pace.took(size, msPart + size * msEach);
      return size;
    });

  it('grows to the most while messages are cheap', () => {
    expect(run(createPace(500), 6, 0.1, 20)).toEqual([64, 128, 256, 500, 500, 500]);
  });

  it('falls at once to what takes a second, and down to one message', () => {
    const pace = createPace(500);
    run(pace, 5, 0.1);
    expect(run(pace, 3, 50)).toEqual([500, 20, 20]);
    expect(run(pace, 3, 5_000)).toEqual([20, 1, 1]);
    expect(run(pace, 4, 0.1)).toEqual([1, 2, 4, 8]);
  });

  it('halves what could not be committed, which may be too large', () => {
    const pace = createPace(500);
    pace.failed(64);
    expect(pace.limit()).toBe(32);
    pace.failed(5);
    expect(pace.limit()).toBe(2);
    pace.failed(1);
    expect(run(pace, 3, 0.1)).toEqual([1, 2, 4]);
  });

  it('learns nothing from a short part that was quick, and something from one that was slow', () => {
    const pace = createPace(500);
    pace.took(3, 200);
    expect(pace.limit()).toBe(15);
    run(pace, 1, 1);
    expect(pace.limit()).toBe(30);
    pace.took(2, 1);
    expect(pace.limit()).toBe(30);
  });
});
