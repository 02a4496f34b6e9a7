/** What is told of an entity: while the ledger has not caught up with the journal, and when its payments are dated ahead. */
import { expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/adapters/memory/journal.ts';
import { createMemoryLedgerStore } from '../../src/adapters/memory/ledger-store.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { createDescribeEntity, type DescribeEntity } from '../../src/usecases/describe-entity.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { NOON_MS } from '../support/transactions.ts';

async function describing(
  isWhole: boolean,
  nowMs = NOON_MS,
): Promise<{ describe: DescribeEntity; user: string; profiledAt: number[]; eventTimeMs: number }> {
  const profiledAt: number[] = [];
  const ledger = createMemoryLedgerStore();
  const { record } = createMemoryJournal().append<DecisionRecord>(aDecisionRecord());
  await ledger.project(batchOf([record]));
  const describe = createDescribeEntity({
    ledger,
    profileOf: (_kind, _id, atMs) => {
      profiledAt.push(atMs);
      return Promise.resolve(undefined);
    },
    clock: { nowMs: () => nowMs, monotonicUs: () => 0 },
    isPastWhole: () => isWhole,
  });
  const { userId: user, eventTimeMs } = record.transaction;
  return { describe, user, profiledAt, eventTimeMs };
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

it('tells of payments that are dated ahead of the clock', async () => {
  const { eventTimeMs } = await describing(true);
  const { describe, user, profiledAt } = await describing(true, eventTimeMs - 2 * MINUTE_MS);
  const described = await describe('user', user);
  expect(described?.payments).toHaveLength(1);
  expect(profiledAt).toEqual([eventTimeMs]);
});
