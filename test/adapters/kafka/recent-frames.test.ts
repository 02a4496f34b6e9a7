import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRecentFrames } from '../../../src/adapters/kafka/recent-frames.ts';
import { framesOf } from '../../../src/adapters/memory/journal.ts';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { takeRecords } from '../../../src/journal/frame.ts';
import { range } from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

it('hands out the newest frames from any place on and forgets the oldest', () => {
  const bytesOfOne = framesOf([{ ...aDecisionOf('t1'), seq: 1 }]).length;
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
      fc.nat(9),
      (blocks, limit) => {
        const kept = 12;
        const recent = createRecentFrames(kept * bytesOfOne);
        let seq = 0;
        const ends: number[] = [];
        for (const count of blocks) {
          recent.add(
            seq + 1,
            count,
            framesOf(range(seq + 1, seq + count).map((n) => ({ ...aDecisionOf('t1'), seq: n }))),
          );
          seq += count;
          ends.push(seq);
        }
        for (const from of range(1, seq)) {
          const taken = recent.from(from, limit + 1);
          if (taken === undefined) expect(seq - from).toBeGreaterThanOrEqual(kept - 5);
          else {
            const end = Math.min(
              from + limit,
              ends.find((each) => each >= from)!,
            );
            expect(takeRecords(taken.bytes, PRIMITIVES).map((record) => record.seq)).toEqual(range(from, end));
            expect(taken.count).toBe(end - from + 1);
          }
        }
        expect(recent.from(seq + 1, 1)).toBeUndefined();
        expect(recent.from(seq, 1)).toBeDefined();
      },
    ),
  );
});
