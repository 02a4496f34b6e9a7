import { describe, expect, it } from 'vitest';
import { BLOCK_AT, createGroupCommit } from '../../../src/adapters/segments/group-commit.ts';
import { type Block, type CommitQueue } from '../../../src/adapters/system/commit-queue.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

interface Written {
  readonly block: Block;
  readonly bytes: number;
  readonly done: (error: Error | null) => void;
}

/** A group commit whose writes end when the test says so. */
function aCommit(blockLimit = 1 << 20): { commit: CommitQueue; writes: Written[]; failures: Error[] } {
  const writes: Written[] = [];
  const failures: Error[] = [];
  const commit = createGroupCommit({
    mac: () => new Uint8Array(32).fill(7),
    blockLimit,
    nextSeq: 1,
    chainMac: new Uint8Array(32),
    write: (block, _bytes, end, _previousMac, done) => writes.push({ block, bytes: end - BLOCK_AT, done }),
    onDurable: () => undefined,
    onCommitted: () => undefined,
    onFailure: (error) => failures.push(error),
  });
  return { commit, writes, failures };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sizes = (writes: readonly Written[]): readonly number[] => writes.map(({ block }) => block.records.length);

describe('group commit', () => {
  it('writes what one turn of the event loop appended as one block', async () => {
    const { commit, writes } = aCommit();
    for (const id of ['a', 'b', 'c']) commit.append(aDecisionOf(id));
    expect(writes).toEqual([]);
    await turn();
    expect(sizes(writes)).toEqual([3]);
  });

  it('gathers what comes while a write is in flight and starts the next when that one ends', async () => {
    const { commit, writes } = aCommit();
    commit.append(aDecisionOf('a'));
    await turn();
    const second = commit.append(aDecisionOf('b')).committed;
    await turn();
    const third = commit.append(aDecisionOf('c')).committed;
    await turn();
    expect(sizes(writes)).toEqual([1]);
    expect(third).toBe(second);
    writes[0]!.done(null);
    expect(sizes(writes)).toEqual([1, 2]);
    expect(commit.pending(1)).toBeUndefined();
    expect(commit.pending(3)).toBe(third);
    writes[1]!.done(null);
    await third;
  });

  it('closes a block that has reached its limit and writes several one after another', async () => {
    const { commit, writes } = aCommit(4_096);
    const last = Array.from({ length: 40 }, (_, index) => commit.append(aDecisionOf(`t${index}`))).at(-1)!;
    await turn();
    while (commit.pending(last.seq) !== undefined) writes.at(-1)!.done(null);
    expect(writes.length).toBeGreaterThan(2);
    expect(sizes(writes).reduce((sum, records) => sum + records)).toBe(40);
    expect(Math.max(...writes.map(({ bytes }) => bytes))).toBeLessThanOrEqual(4_096);
    expect(writes.map(({ block }) => block.firstSeq)).toEqual(
      sizes(writes).map(
        (_, index) =>
          1 +
          sizes(writes)
            .slice(0, index)
            .reduce((sum, records) => sum + records, 0),
      ),
    );
  });

  it('drains what is in flight even after a record was refused for its size', async () => {
    const { commit, writes } = aCommit(4_096);
    const { committed } = commit.append(aDecisionOf('a'));
    await turn();
    expect(() => commit.append(aDecisionOf('x'.repeat(5_000)))).toThrow('exceeds 4096 bytes');
    let drained = false;
    const draining = commit.drain().then(() => (drained = true));
    await turn();
    expect(drained).toBe(false);
    writes[0]!.done(null);
    await Promise.all([committed, draining]);
  });

  it('fails everything that waits when one write fails, and starts nothing more', async () => {
    const { commit, writes, failures } = aCommit();
    const first = commit.append(aDecisionOf('a')).committed;
    await turn();
    const second = commit.append(aDecisionOf('b')).committed;
    const cause = new Error('EIO');
    writes[0]!.done(cause);
    await expect(first).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE', cause });
    await expect(second).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE', cause });
    expect(failures).toEqual([cause]);
    await turn();
    expect(writes).toHaveLength(1);
  });
});
