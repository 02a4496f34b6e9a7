/** Figures of any period, held against a ledger that adds up every payment; part of the contract of a ledger store. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryLedgerStore } from '../../src/adapters/memory/ledger-store.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { type Figures } from '../../src/ledger/queries.ts';
import { type LedgerStore } from '../../src/ports/ledger-store.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { recordHistories } from '../support/record-histories.ts';
import { NOON_MS } from '../support/transactions.ts';

const PROPERTY_RUNS = 15;

export function testPeriods(storeOf: () => LedgerStore): void {
  it('adds up days, ten minutes and payments to the same figures, whatever the ends of the period', async () => {
    const days = fc.integer({ min: -1, max: 45 });
    const times = fc.oneof(
      fc.integer({ min: NOON_MS - DAY_MS, max: NOON_MS + 45 * DAY_MS }),
      days.map((day) => NOON_MS + HOUR_MS * 12 + day * DAY_MS),
    );
    const rounded = (all: readonly Figures[]): unknown =>
      all.map((each) => ({ ...each, averageScore: each.averageScore.toFixed(9) })); // the order of a sum is the engine's
    await fc.assert(
      fc.asyncProperty(recordHistories, times, times, async (history, one, other) => {
        const [fromMs, toMs] = [Math.min(one, other), Math.max(one, other)];
        const expected = createMemoryLedgerStore();
        const store = storeOf();
        await store.reset();
        for (const each of [store, expected]) await each.project(batchOf(history));
        const answers = async (asked: LedgerStore): Promise<unknown> => ({
          stats: rounded([await asked.stats(fromMs, toMs)]),
          days: rounded(await asked.series(fromMs, toMs, DAY_MS)),
          hours: rounded(await asked.series(fromMs, toMs, HOUR_MS)),
          categories: rounded(await asked.breakdown('category', fromMs, toMs)),
        });
        expect(await answers(store)).toEqual(await answers(expected));
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
}
