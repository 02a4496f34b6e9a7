import { describe, expect, it } from 'vitest';
import { inSlices } from '../../../src/adapters/system/in-slices.ts';

describe('inSlices', () => {
  it('works through all in order, letting other work in between', async () => {
    const seen: number[] = [];
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 0);
    const done = inSlices(5_001, (index) => seen.push(index));
    expect(seen).toHaveLength(2_000);
    await done;
    clearInterval(counting);
    expect(seen).toEqual(Array.from({ length: 5_001 }, (_, index) => index));
    expect(turns).toBeGreaterThan(0);
  });

  it('does nothing for nothing', async () => {
    await inSlices(0, () => expect.unreachable());
  });
});
