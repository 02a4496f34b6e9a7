import { describe, expect, it } from 'vitest';
import { type DeadLetter } from '../../../src/adapters/kafka/dead-letters.ts';
import { inBatches } from '../../../src/adapters/kafka/replay-dead-letters.ts';

/** What a topic of payments takes as one batch: Kafka’s default. */
const TAKEN_BYTES = 1_048_588;

const aLetter = (offset: number, bytes: number): DeadLetter => ({
  partition: 0,
  offset,
  reason: 'UNKNOWN_CURRENCY',
  error: 'currency: no exchange rate for XTS',
  source: { topic: 'transactions', partition: 0, offset },
  timestampMs: 0,
  key: Buffer.from('user'),
  value: new Uint8Array(bytes),
  isReplayed: false,
  isForeign: false,
});

async function batchesOf(sizes: readonly number[]): Promise<readonly (readonly number[])[]> {
  async function* letters(): AsyncGenerator<DeadLetter> {
    for (const [offset, bytes] of sizes.entries()) yield aLetter(offset, bytes);
  }
  const batches: number[][] = [];
  for await (const batch of inBatches(letters())) batches.push(batch.map(({ offset }) => offset));
  return batches;
}

describe('dead letters that are sent again together', () => {
  it('are no more than one partition takes at once, should they all go to the same', async () => {
    const sizes = Array.from({ length: 400 }, () => 9_000);
    const batches = await batchesOf(sizes);
    expect(batches.flat()).toEqual(sizes.map((_, offset) => offset));
    for (const batch of batches) expect(batch.length * 9_100).toBeLessThan(TAKEN_BYTES);
  });

  it('go alone where they are as large as a topic takes, and by 200 where they are small', async () => {
    expect(await batchesOf([1, 1_048_000, 1_048_000, 1])).toEqual([[0], [1], [2], [3]]);
    expect((await batchesOf(Array.from({ length: 401 }, () => 100))).map(({ length }) => length)).toEqual([
      200, 200, 1,
    ]);
    expect(await batchesOf([])).toEqual([]);
  });
});
