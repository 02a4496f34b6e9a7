/** What happens to a ledger that an older program left, and to its months when they are pruned; on each engine. */
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LedgerDatabase, openLedgerStore } from '../../src/adapters/postgres/ledger-store.ts';
import { pruneLedger } from '../../src/adapters/postgres/prune-ledger.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { JOURNAL_SOURCE } from '../../src/ledger/source.ts';
import { type LedgerStore } from '../../src/ports/ledger-store.ts';
import { aDecisionRecord, aLabelRecord } from '../support/journal-records.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { addOldFallback, makeOldLedger, OLD_DECISIONS, OLD_POSITION } from '../support/old-ledger.ts';
import { NOON_MS } from '../support/transactions.ts';

export function testLedgerUpgrade(name: string, open: (version: number) => Promise<LedgerDatabase>): void {
  it(`takes the score from old decisions that the fallback gave without one: ${name}`, async () => {
    const opened = await open(4);
    await makeOldLedger(opened.database, 4);
    await addOldFallback(opened.database);
    const store = await openLedgerStore(opened, []);
    const day = Math.floor(NOON_MS / DAY_MS) * DAY_MS;
    const ofTwo = { decisions: 3, averageScore: 0.125 };
    expect(await store.stats(NOON_MS - HOUR_MS, NOON_MS + HOUR_MS)).toMatchObject(ofTwo); // from sums of ten minutes
    expect(await store.stats(NOON_MS - 1, NOON_MS + 9)).toMatchObject(ofTwo); // from payments
    expect(await store.series(day, day + DAY_MS, DAY_MS)).toMatchObject([ofTwo]);
    expect(await store.breakdown('category', day, day + DAY_MS)).toMatchObject([ofTwo]);
    await store.close();
  }, 60_000);

  describe.each([1, 2])(`a ledger of version %i: ${name}`, (version) => {
    let store: LedgerStore;
    let database: Kysely<unknown>;
    beforeAll(async () => {
      const opened = await open(version);
      database = opened.database;
      await makeOldLedger(database, version);
      store = await openLedgerStore(opened, [{ hash: 'c1', names: ['amount', 'age', 'speed'] }]);
    }, 60_000);
    afterAll(() => store.close());

    it('keeps its rows, its position and its figures', async () => {
      expect(await store.position(JOURNAL_SOURCE)).toBe(OLD_POSITION);
      expect(await store.lastRecord(JOURNAL_SOURCE)).toBeUndefined();
      const { rows } = await store.decisions({ limit: 9 });
      expect(rows.map(({ seq, transaction, isFraud }) => [seq, transaction, isFraud])).toEqual([
        [2, OLD_DECISIONS[1]!.transaction, true],
        [1, OLD_DECISIONS[0]!.transaction, undefined],
      ]);
      expect(await store.stats(NOON_MS - HOUR_MS, NOON_MS + HOUR_MS)).toMatchObject({
        decisions: 2,
        outcomes: { approve: 1, review: 0, block: 1 },
        frauds: 1,
        fraudsCaught: 1,
        averageScore: 0.125,
      });
      const day = Math.floor(NOON_MS / DAY_MS) * DAY_MS;
      const [figures] = await store.series(day, day + DAY_MS, DAY_MS);
      expect(figures).toMatchObject({ startMs: day, decisions: 2, frauds: 1, fraudsCaught: 1, averageScore: 0.125 });
    });

    it('goes on from there', async () => {
      const vector = Float64Array.of(1, 2, Number.NaN);
      await store.project(batchOf([aDecisionRecord({ seq: 4, vector }), aLabelRecord(5, { transactionId: 't1' })]));
      expect(await store.stats(NOON_MS - HOUR_MS, NOON_MS + HOUR_MS)).toMatchObject({ decisions: 3, frauds: 2 });
      expect((await store.search('t', 9)).map(({ seq }) => seq)).toEqual([1, 2, 4]);
    });

    it('names the vectors of payments before and after', async () => {
      const { rows } = await sql`select seq::int, features from transaction_features order by seq`.execute(database);
      expect(rows).toEqual([
        { seq: 1, features: { amount: 25, age: null, speed: 0 } },
        { seq: 2, features: { amount: 25, age: null, speed: 0 } },
        { seq: 4, features: { amount: 1, age: 2, speed: null } },
      ]);
    });

    it('has not the totals any more that an older program would write alone', async () => {
      await expect(sql`insert into period_totals default values`.execute(database)).rejects.toThrow(/does not exist/);
    });

    it('loses whole months when it is pruned, and the labels of their payments', async () => {
      const next = Date.UTC(2026, 1, 1);
      await store.project(
        batchOf([
          aDecisionRecord({ seq: 6, arrivalMs: next - 1 }),
          aDecisionRecord({ seq: 7, arrivalMs: next }),
          aLabelRecord(8, { transactionId: 't7', arrivalMs: next + 1 }),
        ]),
      );
      expect(await pruneLedger(database, next - 1)).toMatchObject({ partitions: [], payments: 0, labels: 0 });
      expect(await pruneLedger(database, next + HOUR_MS)).toEqual({
        beforeMs: next,
        partitions: ['prediction_logs_y2026m01', 'transaction_vectors_y2026m01', 'transactions_y2026m01'],
        payments: 4,
        labels: 2,
      });
      expect((await store.decisions({ limit: 9 })).rows.map(({ seq }) => seq)).toEqual([7]);
      expect(await store.labels('t2')).toEqual([]);
      expect(await store.labels('t7')).toHaveLength(1);
      expect((await sql`select from transaction_ids`.execute(database)).rows).toHaveLength(1);
      expect((await sql`select from transaction_vectors`.execute(database)).rows).toHaveLength(1);
      expect((await store.stats(0, next * 2)).decisions).toBe(1);
      expect((await store.stats(NOON_MS, next)).decisions).toBe(0);
    });

    it('is made again from the journal, month by month, after it was pruned', async () => {
      await store.reset();
      const again = (): Promise<unknown> => store.project(batchOf([...OLD_DECISIONS, aLabelRecord(3, { transactionId: 't2' })])); // prettier-ignore
      await again().catch(again); // as the projector does: it still believed the months to be there
      expect(await store.stats(NOON_MS - HOUR_MS, NOON_MS + HOUR_MS)).toMatchObject({ decisions: 2, frauds: 1 });
    });
  });
}
