import { describe, expect, it } from 'vitest';
import { type MergeStart } from '../../../src/adapters/kafka/merge.ts';
import { createStretches } from '../../../src/adapters/kafka/stretches.ts';

const STRETCH = 256;

describe('the stretches of a topic', () => {
  const first: MergeStart = {
    seq: 300,
    epoch: 2,
    offsets: [5, 2 ** 40],
    claims: [0, 2].map((epoch) => ({ epoch, after: 0 })),
  };
  const starts = Array.from({ length: 200 }, (_, i): MergeStart => {
    const epoch = i < 120 ? 2 : 3;
    return {
      seq: (i + 2) * STRETCH,
      epoch,
      offsets: [5 + 21 * i, 2 ** 40 + 20 * i],
      claims: [i < 50 ? 0 : epoch, 2].map((by) => ({ epoch: by, after: by === 0 ? 0 : 7 })),
    };
  });
  const stretches = createStretches(first);
  for (const start of starts) {
    expect(stretches.wants(start.seq - 1)).toBe(false);
    expect(stretches.wants(start.seq)).toBe(true);
    stretches.add(start);
    expect(stretches.wants(start.seq)).toBe(false);
  }

  it('give every start back as it was', () => {
    expect(stretches.startFor(1)).toEqual(first);
    expect(stretches.startFor(301)).toEqual(first);
    for (const start of starts) {
      expect(stretches.startFor(start.seq)).toEqual(start);
      expect(stretches.startFor(start.seq + STRETCH - 1)).toEqual(start);
    }
    expect(stretches.startFor(1e9)).toEqual(starts.at(-1));
  });

  it('keep claims once while they do not change', () => {
    const claimsAt = (i: number) => stretches.startFor(starts[i]!.seq).claims;
    expect(claimsAt(49)).toBe(claimsAt(0));
    expect(claimsAt(119)).toBe(claimsAt(50));
    expect(claimsAt(199)).toBe(claimsAt(120));
  });
});
