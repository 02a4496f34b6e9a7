/** What is told of an entity while the ledger has not caught up with the journal. */
import { expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { createMemoryLedgerStore } from '../../src/adapters/memory/ledger-store.ts';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { createDescribeEntity, type DescribeEntity } from '../../src/usecases/describe-entity.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { NOON_MS } from '../support/transactions.ts';

async function describing(isWhole: boolean): Promise<{ describe: DescribeEntity; user: string }> {
  const ledger = createMemoryLedgerStore();
  const { record } = createMemoryJournal().append<DecisionRecord>(aDecisionRecord());
  await ledger.project(batchOf([record]));
  const describe = createDescribeEntity({
    ledger,
    profileOf: () => Promise.resolve(undefined),
    clock: { nowMs: () => NOON_MS, monotonicUs: () => 0 },
    isPastWhole: () => isWhole,
  });
  return { describe, user: record.transaction.userId };
}

it('says whether payments may be missing', async () => {
  for (const isWhole of [true, false]) {
    const { describe, user } = await describing(isWhole);
    expect(await describe('user', user)).toMatchObject({ complete: isWhole, summary: { payments: 1 } });
  }
});

it('says that an entity is unknown only when nothing may be missing', async () => {
  expect(await (await describing(true)).describe('user', 'nobody')).toBeUndefined();
  await expect((await describing(false)).describe('user', 'nobody')).rejects.toMatchObject({ code: 'NOT_READY' });
});
