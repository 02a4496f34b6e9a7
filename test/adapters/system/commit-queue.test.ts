import { expect, it } from 'vitest';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { type Block, type CommitQueue, createCommitQueue } from '../../../src/adapters/system/commit-queue.ts';
import { takeRecords } from '../../../src/journal/frame.ts';
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

/** A queue whose blocks are durable a turn later; `told` hears of each. */
function aQueue(told: (block: Block) => void): CommitQueue {
  return createCommitQueue({
    nextSeq: 1,
    limitBytes: 1 << 20,
    fullBytes: 1 << 20,
    fullRecords: 3,
    write: (_block, done) => void setImmediate(done, null),
    onDurable: () => undefined,
    onCommitted: told,
    onFailure: (error) => expect.unreachable(error.message),
  });
}

const idsIn = ({ writer: { bytes, at } }: Block): readonly string[] =>
  (takeRecords(bytes.subarray(0, at), PRIMITIVES) as DecisionRecord[]).map(
    (record) => record.transaction.transactionId,
  );

it('puts no more records into a block than it may hold, in the order they came', async () => {
  const blocks: (readonly string[])[] = [];
  const queue = aQueue((block) => blocks.push(idsIn(block)));
  const appended = ['a', 'b', 'c', 'd'].map((id) => queue.append(aDecisionOf(id)));
  expect(appended.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  await queue.drain();
  expect(blocks).toEqual([['a', 'b', 'c'], ['d']]);
});

it('leaves the bytes of a block alone while it is told, even if whoever hears of it appends', async () => {
  const ids: string[] = [];
  const queue = aQueue((block) => {
    if (block.firstSeq === 1) queue.append(aDecisionOf('later'));
    ids.push(...idsIn(block));
  });
  await queue.append(aDecisionOf('first')).committed;
  await queue.drain();
  expect(ids).toEqual(['first', 'later']);
});
