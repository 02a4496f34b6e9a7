import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Cursor } from '../../../src/adapters/kafka/cursor.ts';
import { createRecentFrames } from '../../../src/adapters/kafka/recent-frames.ts';
import { createTail } from '../../../src/adapters/kafka/tail.ts';
import { framesOf } from '../../../src/adapters/memory/journal.ts';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { takeRecords } from '../../../src/journal/frame.ts';
import { range } from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const frameOf = (seq: number): Uint8Array => framesOf([{ ...aDecisionOf('t1'), seq }]);
const PLACE = { mac: new Uint8Array(32), kind: 'record', epoch: 1, after: 0, partition: 0, offset: 0 } as const;

/** A cursor over 1 … that gives as many records at a time as a broker’s answer held. */
const cursorOver =
  (answers: number) =>
  (from: number): Cursor => {
    let next = from - ((from - 1) % answers);
    return {
      nextSeq: () => next,
      take: (lastSeq) => {
        const taken = range(next, Math.min(lastSeq, next + answers - 1));
        next += taken.length;
        return Promise.resolve(taken.map((seq) => ({ ...PLACE, seq, offset: seq, frame: frameOf(seq) })));
      },
    };
  };

it('fills each take from as many pieces as it needs, from memory or from the brokers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 3, max: 40 }),
      async (blocks, limit, answers, kept) => {
        const recent = createRecentFrames(kept * frameOf(1).length);
        let head = 0;
        for (const count of blocks) {
          recent.add(head + 1, count, framesOf(range(head + 1, head + count).map((seq) => ({ ...aDecisionOf('t1'), seq })))); // prettier-ignore
          head += count;
        }
        const tail = createTail(1, { headSeq: () => head, recent, cursorAt: cursorOver(answers) });
        for (let next = 1; next <= head; next += limit) {
          const taken = takeRecords(await tail.take(limit), PRIMITIVES);
          expect(taken.map(({ seq }) => seq)).toEqual(range(next, Math.min(head, next + limit - 1)));
        }
        expect(await tail.take(limit)).toHaveLength(0);
      },
    ),
  );
});
