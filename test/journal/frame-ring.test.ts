import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameRing } from '../../src/journal/frame-ring.ts';

describe('createFrameRing', () => {
  it('holds the newest frames whole, as many as places and room allow, and tells of each that goes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 40, max: 200 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }),
        (capacity, size, lengths) => {
          const ring = createFrameRing(capacity, size);
          const held: { place: number; mark: number; length: number }[] = [];
          lengths.forEach((length, index) => {
            const mark = index % 251;
            const place = ring.put(new Uint8Array(length).fill(mark), (gone) => {
              const oldest = held.shift()!;
              expect(gone).toBe(oldest.place);
              expect(ring.bytes[ring.startOf(gone)]).toBe(oldest.mark);
            });
            held.push({ place, mark, length });
            expect([...ring.newestFirst()]).toEqual(held.map((each) => each.place).reverse());
            for (const each of held) {
              const start = ring.startOf(each.place);
              const kept = ring.bytes.slice(start, start + each.length);
              expect(kept).toEqual(new Uint8Array(each.length).fill(each.mark));
            }
            for (let at = 0; at < capacity; at++) {
              expect(ring.isHeld(at)).toBe(held.some((each) => each.place === at));
            }
          });
          // Half of the room is always in use when more than that was put and places were not what was short.
          const kept = held.reduce((sum, each) => sum + each.length, 0);
          const total = lengths.reduce((sum, length) => sum + length, 0);
          if (held.length < Math.min(capacity, lengths.length))
            expect(kept).toBeGreaterThan(Math.min(total, size) - 120);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses a frame larger than all its room', () => {
    expect(() => createFrameRing(4, 10).put(new Uint8Array(11), () => undefined)).toThrow(/does not fit 10/);
  });
});
