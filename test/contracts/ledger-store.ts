/** What every ledger store does; each adapter runs this suite. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { batchOf } from '../support/ledger-batches.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type Outcome } from '../../src/domain/outcome.ts';
import { type Transaction } from '../../src/domain/transaction.ts';
import { type Breakdown, type DecisionRow } from '../../src/ledger/queries.ts';
import { type LedgerStore } from '../../src/ports/ledger-store.ts';
import { aCacheHitRecord, aDecisionRecord, aLabelRecord } from '../support/journal-records.ts';
import { recordHistories } from '../support/record-histories.ts';
import { NOON_MS, aTransaction } from '../support/transactions.ts';
import { JOURNAL_SOURCE } from '../../src/ledger/source.ts';
import { testPeriods } from './ledger-periods.ts';
import { testPositions } from './ledger-positions.ts';

const EVERYTHING = { fromMs: NOON_MS - 400 * DAY_MS, toMs: NOON_MS + 400 * DAY_MS };
const PROPERTY_RUNS = 15;

const seqs = (rows: readonly DecisionRow[]): number[] => rows.map(({ seq }) => seq);

/** Everything that can be asked of a history, for comparing stores and rebuilds. */
export async function everyAnswer(store: LedgerStore, history: readonly JournalRecord[]): Promise<unknown> {
  const ids = [
    ...new Set(history.flatMap((r) => (r.type === 'label' ? [r.label.transactionId] : [])).concat('t1', 'never')),
  ];
  const range = { ...EVERYTHING, beforeSeq: Number.MAX_SAFE_INTEGER, limit: 500 };
  const { averageScore, ...stats } = await store.stats(EVERYTHING.fromMs, EVERYTHING.toMs);
  return {
    position: await store.position(JOURNAL_SOURCE),
    decisions: await store.decisions({ limit: 500 }),
    frauds: await store.decisions({ limit: 500, isFraud: true }),
    user: await store.entity('user', 'u1'),
    card: await store.entity('card', 'c1'),
    payments: await store.entityPayments('merchant', 'm1', range),
    labels: await Promise.all(ids.map((id) => store.labels(id))),
    stats,
    averageScore: averageScore.toFixed(12), // the order of a sum of doubles is the engine's
  };
}

export function testLedgerStore(name: string, open: () => Promise<LedgerStore>): void {
  describe(`ledger store: ${name}`, () => {
    let store: LedgerStore;
    beforeAll(async () => {
      store = await open();
    }, 60_000);
    beforeEach(() => store.reset());
    afterAll(() => store.close());

    const project = (...records: readonly JournalRecord[]): Promise<unknown> => store.project(batchOf(records));

    it('is empty at first', async () => {
      expect(await store.position(JOURNAL_SOURCE)).toBe(0);
      expect(await store.decisions({ limit: 10 })).toEqual({ rows: [] });
      expect(await store.entity('user', 'u1')).toBeUndefined();
      expect(await store.labels('t1')).toEqual([]);
      expect((await store.stats(0, NOON_MS)).decisions).toBe(0);
    });

    it('gives a decision back as it was recorded', async () => {
      const transaction = aTransaction({
        transactionId: 'naïve "quoted\\" {brace},\n',
        amountMinor: 999_999_999_999,
        eventTimeMs: NOON_MS + 1,
        cardId: 'c1',
        deviceId: 'd1',
        deviceType: 'mobile',
        ipAddress: '192.0.2.1',
        locationCountry: 'DE',
        locationCity: 'Köln 😀',
        latitude: 50.938_361_123_456_78,
        longitude: -0.1,
        cardType: 'visa',
        cardLastFour: '4242',
        emailDomain: 'example.org',
        attributes: { zebra: 'ü\0', apple: 0.1, flag: false, half: '\ud800' },
      });
      const decision = aDecisionRecord({
        transaction,
        probability: 1 / 3,
        rules: ['r1', '~shadow'],
        outcome: 'review',
      });
      await project(decision);
      const [row] = (await store.decisions({ limit: 1 })).rows;
      expect(row).toEqual({
        seq: 1,
        arrivalMs: NOON_MS + 1,
        transaction,
        amountBaseMinor: 999_999_999_999,
        probability: 1 / 3,
        isScored: true,
        outcome: 'review',
        riskLevel: 'low',
        rules: ['r1', '~shadow'],
        modelVersion: 'v20260101_000000',
        policyVersion: 'p1',
        totalUs: 40,
      });
      expect(Object.keys(row!.transaction.attributes!)).toEqual(['zebra', 'apple', 'flag', 'half']);
    });

    it('takes amounts of currencies with no or three decimals, times of any year, and decisions without a score', async () => {
      await project(
        aDecisionRecord({ seq: 1, transaction: aTransaction({ transactionId: 'a', currency: 'JPY', amountMinor: 7 }) }),
        aDecisionRecord({
          seq: 2,
          transaction: aTransaction({ transactionId: 'b', currency: 'KWD', amountMinor: 1235 }),
        }),
        aDecisionRecord({ seq: 3, transaction: aTransaction({ transactionId: 'c', eventTimeMs: -1 }), arrivalMs: 5 }),
        (({ vector: _v, contributions: _c, ...rest }) => ({ ...rest, fallbackCause: 'deadline' }))(
          aDecisionRecord({ seq: 4, probability: Number.NaN, margin: Number.NaN, outcome: 'review' }),
        ),
      );
      const { rows } = await store.decisions({ limit: 10 });
      expect(rows.map(({ transaction }) => [transaction.currency, transaction.amountMinor])).toEqual([
        ['USD', 2500],
        ['USD', 2500],
        ['KWD', 1235],
        ['JPY', 7],
      ]);
      expect(rows[1]).toMatchObject({ arrivalMs: 5, transaction: { eventTimeMs: -1 } });
      expect(rows[0]).toMatchObject({ probability: 0, outcome: 'review' });
    });

    it('lists decisions newest first, page after page, none twice and none left out', async () => {
      await project(...Array.from({ length: 25 }, (_, i) => aDecisionRecord({ seq: i + 1 })));
      const seen: number[] = [];
      let beforeSeq: number | undefined;
      do {
        const page = await store.decisions({ limit: 10, ...(beforeSeq === undefined ? {} : { beforeSeq }) });
        seen.push(...seqs(page.rows));
        beforeSeq = page.nextBeforeSeq;
      } while (beforeSeq !== undefined);
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
    });

    it('has no next page when the last one is just full', async () => {
      await project(aDecisionRecord({ seq: 1 }), aDecisionRecord({ seq: 2 }));
      expect((await store.decisions({ limit: 2 })).nextBeforeSeq).toBeUndefined();
    });

    it('filters decisions by outcome, entity, arrival, score and label, all at once', async () => {
      const base = { deviceId: 'd1' };
      await project(
        aDecisionRecord({ seq: 1, outcome: 'block', probability: 0.9, transaction: aTransaction({ ...base, transactionId: 'a' }) }), // prettier-ignore
        aDecisionRecord({ seq: 2, outcome: 'block', probability: 0.9, arrivalMs: NOON_MS + HOUR_MS, transaction: aTransaction({ ...base, transactionId: 'b' }) }), // prettier-ignore
        aDecisionRecord({ seq: 3, outcome: 'block', probability: 0.4, arrivalMs: NOON_MS + HOUR_MS, transaction: aTransaction({ ...base, transactionId: 'c' }) }), // prettier-ignore
        aDecisionRecord({ seq: 4, outcome: 'review', probability: 0.9, arrivalMs: NOON_MS + 2 * HOUR_MS, transaction: aTransaction({ transactionId: 'd' }) }), // prettier-ignore
        aLabelRecord(5, { transactionId: 'a', isFraud: true }),
        aLabelRecord(6, { transactionId: 'b', isFraud: false }),
      );
      const find = async (query: Omit<Parameters<LedgerStore['decisions']>[0], 'limit'>): Promise<number[]> =>
        seqs((await store.decisions({ ...query, limit: 10 })).rows);
      expect(await find({ outcome: 'block' })).toEqual([3, 2, 1]);
      expect(await find({ entity: { kind: 'device', id: 'd1' } })).toEqual([3, 2, 1]);
      expect(await find({ fromMs: NOON_MS + 1 })).toEqual([4, 3, 2]);
      expect(await find({ fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS })).toEqual([1]);
      expect(await find({ fromMs: NOON_MS + HOUR_MS, toMs: NOON_MS + 2 * HOUR_MS })).toEqual([3, 2]);
      expect(await find({ toMs: NOON_MS + 2 * HOUR_MS, outcome: 'block' })).toEqual([3, 2, 1]);
      expect(await find({ fromMs: NOON_MS + 3 * HOUR_MS })).toEqual([]);
      expect(await find({ toMs: NOON_MS })).toEqual([]);
      expect(await find({ minScore: 0.9 })).toEqual([4, 2, 1]);
      expect(await find({ minScore: 0.9001 })).toEqual([]);
      expect(await find({ isFraud: true })).toEqual([1]);
      expect(await find({ isFraud: false })).toEqual([2]);
      expect(await find({ beforeSeq: 2 })).toEqual([1]);
      expect(await find({ outcome: 'block', minScore: 0.5, isFraud: true, entity: { kind: 'device', id: 'd1' } })).toEqual([1]); // prettier-ignore
    });

    it('finds a decision by the score it is shown with, four decimals, and not by a higher one', async () => {
      await project(...[0.99997, 0.70004, 0.69996, 0].map((probability, i) => aDecisionRecord({ seq: i + 1, probability }))); // prettier-ignore
      const find = async (minScore: number): Promise<number[]> => seqs((await store.decisions({ minScore, limit: 9 })).rows); // prettier-ignore
      expect(await find(1)).toEqual([1]);
      expect(await find(0.7001)).toEqual([1]);
      expect(await find(0.70001)).toEqual([1]);
      expect(await find(0.7)).toEqual([3, 2, 1]);
      expect(await find(0.0001)).toEqual([3, 2, 1]);
      expect(await find(0)).toEqual([4, 3, 2, 1]);
    });

    it('gives an entity’s payments in (from, to] by event time, before a place in the order', async () => {
      const at = (seq: number, eventTimeMs: number): JournalRecord =>
        aDecisionRecord({ seq, arrivalMs: NOON_MS, transaction: aTransaction({ transactionId: `t${seq}`, eventTimeMs }) }); // prettier-ignore
      await project(at(1, 100), at(2, 300), at(3, 200), at(4, 300), at(5, 400));
      const find = async (fromMs: number, toMs: number, beforeSeq: number, limit = 10): Promise<number[]> =>
        seqs(await store.entityPayments('user', 'u1', { fromMs, toMs, beforeSeq, limit }));
      expect(await find(0, 1000, 99)).toEqual([5, 4, 2, 3, 1]);
      expect(await find(100, 300, 99)).toEqual([4, 2, 3]);
      expect(await find(0, 1000, 4)).toEqual([2, 3, 1]);
      expect(await find(0, 1000, 99, 2)).toEqual([5, 4]);
      expect(await store.entityPayments('card', 'c1', { fromMs: 0, toMs: 1e15, beforeSeq: 99, limit: 5 })).toEqual([]);
    });

    it('sums up an entity', async () => {
      const user = { userId: 'u9' };
      await project(
        aDecisionRecord({ seq: 1, transaction: aTransaction({ ...user, transactionId: 'a', eventTimeMs: 500 }) }),
        aDecisionRecord({ seq: 2, transaction: aTransaction({ transactionId: 'b' }) }),
        aDecisionRecord({ seq: 3, outcome: 'block', amountBaseMinor: 7, transaction: aTransaction({ ...user, transactionId: 'c', eventTimeMs: 100 }) }), // prettier-ignore
        aLabelRecord(4, { transactionId: 'c' }),
      );
      expect(await store.entity('user', 'u9')).toEqual({
        kind: 'user',
        id: 'u9',
        payments: 2,
        amountBaseMinor: 2507,
        firstSeenMs: 100,
        lastSeenMs: 500,
        lastSeq: 3,
        outcomes: { approve: 1, review: 0, block: 1 },
        frauds: 1,
      });
    });

    it('keeps chargeback over analyst over customer, and the later among equals', async () => {
      const inForce = async (): Promise<unknown> => {
        const labels = await store.labels('t1');
        const row = (await store.decisions({ limit: 1 })).rows[0]!;
        return [labels.filter((label) => label.inForce).map(({ seq }) => seq), row.isFraud];
      };
      await project(aDecisionRecord({ seq: 1 }));
      expect(await inForce()).toEqual([[], undefined]);
      await project(aLabelRecord(2, { transactionId: 't1', source: 'analyst', isFraud: true }));
      expect(await inForce()).toEqual([[2], true]);
      await project(aLabelRecord(3, { transactionId: 't1', source: 'customer', isFraud: false }));
      expect(await inForce()).toEqual([[2], true]);
      await project(
        aLabelRecord(4, { transactionId: 't1', source: 'analyst', isFraud: false }),
        aLabelRecord(5, { transactionId: 't1', source: 'chargeback', isFraud: true, campaign: 'ring' }),
        aLabelRecord(6, { transactionId: 't1', source: 'analyst', isFraud: false }),
      );
      expect(await inForce()).toEqual([[5], true]);
      expect((await store.labels('t1'))[3]).toMatchObject({ seq: 5, campaign: 'ring', source: 'chargeback' });
    });

    it('gives a label that arrived before its payment to the payment', async () => {
      await project(aLabelRecord(1, { transactionId: 't2' }));
      await project(aDecisionRecord({ seq: 2 }), aDecisionRecord({ seq: 3 }));
      expect((await store.decisions({ limit: 5 })).rows.map(({ isFraud }) => isFraud)).toEqual([undefined, true]);
    });

    it('counts a period by arrival, and fraud only where a label has arrived', async () => {
      const decision = aDecisionRecord({ seq: 1, outcome: 'block', probability: 0.75, amountBaseMinor: 100 });
      await project(
        decision,
        aDecisionRecord({ seq: 2, outcome: 'approve', probability: 0.25, amountBaseMinor: 10, durations: { featuresUs: 1, scoreUs: 1, totalUs: 80 } }), // prettier-ignore
        aDecisionRecord({ seq: 3, outcome: 'review', probability: 0.5, amountBaseMinor: 1 }),
        aDecisionRecord({ seq: 4, outcome: 'approve', probability: 0.5, amountBaseMinor: 1000 }),
        aDecisionRecord({ seq: 5, arrivalMs: NOON_MS + HOUR_MS }),
        aCacheHitRecord(6, decision),
        aLabelRecord(7, { transactionId: 't1', isFraud: true }),
        aLabelRecord(8, { transactionId: 't2', isFraud: true }),
        aLabelRecord(9, { transactionId: 't3', isFraud: false }),
      );
      expect(await store.stats(NOON_MS, NOON_MS + HOUR_MS)).toEqual({
        decisions: 4,
        outcomes: { approve: 2, review: 1, block: 1 },
        amountBaseMinor: 1111,
        averageScore: 0.5,
        cacheHits: 1,
        labelled: 3,
        frauds: 2,
        fraudsCaught: 1,
        fraudAmountBaseMinor: 110,
        fraudCaughtAmountBaseMinor: 100,
        genuineStopped: 1,
        latencyUs: { p50: 40, p95: 80, p99: 80 },
      });
    });

    it('takes the mean score over the decisions that have one, which the fallback’s have not', async () => {
      const fallback = { probability: 0, fallbackCause: 'deadline', outcome: 'review' } as const;
      await project(
        aDecisionRecord({ seq: 1, probability: 0.5 }),
        aDecisionRecord({ seq: 2, probability: 0 }),
        aDecisionRecord({ seq: 3, ...fallback }),
        aDecisionRecord({ seq: 4, arrivalMs: NOON_MS + HOUR_MS, ...fallback }),
      );
      expect(await store.stats(NOON_MS, NOON_MS + HOUR_MS)).toMatchObject({ decisions: 3, averageScore: 0.25 });
      expect(await store.stats(NOON_MS + HOUR_MS, NOON_MS + 2 * HOUR_MS)).toMatchObject({ decisions: 1, averageScore: 0 }); // prettier-ignore
      expect((await store.decisions({ limit: 9 })).rows.map(({ isScored }) => isScored)).toEqual([false, false, true, true]); // prettier-ignore
    });

    it('adds up amounts beyond 64 bits, as a few of the largest in a currency of small units are', async () => {
      const large = { amountBaseMinor: 2 ** 62, outcome: 'block' } as const;
      await project(aDecisionRecord({ seq: 1, ...large }), aDecisionRecord({ seq: 2, ...large }));
      await project(aDecisionRecord({ seq: 3, ...large }), aLabelRecord(4, { transactionId: 't1' }));
      await project(aLabelRecord(5, { transactionId: 't2' }), aLabelRecord(6, { transactionId: 't3' }));
      const sum = 3 * 2 ** 62;
      expect(await store.stats(NOON_MS, NOON_MS + HOUR_MS)).toMatchObject({ amountBaseMinor: sum, fraudAmountBaseMinor: sum, fraudCaughtAmountBaseMinor: sum }); // prettier-ignore
    });

    it('finds payments by the beginning of their id, in the order of ids', async () => {
      const ids = ['b', 'ab', 'a', 'äb', 'a%', 'aé', 'a_'];
      await project(...ids.map((transactionId, i) => aDecisionRecord({ seq: i + 1, transaction: aTransaction({ transactionId }) }))); // prettier-ignore
      const find = async (prefix: string, limit = 10): Promise<string[]> =>
        (await store.search(prefix, limit)).map(({ transaction }) => transaction.transactionId);
      expect(await find('a')).toEqual(['a', 'a%', 'a_', 'ab', 'aé']);
      expect(await find('a', 3)).toEqual(['a', 'a%', 'a_']);
      expect(await find('a%')).toEqual(['a%']);
      expect(await find('c')).toEqual([]);
      expect(await find('')).toHaveLength(7);
    });

    it('gives figures by step of time and by what the payment was, whatever the ends of the period', async () => {
      const at = (seq: number, minute: number, overrides: Partial<Transaction>, outcome: Outcome = 'approve'): JournalRecord =>
        aDecisionRecord({ seq, outcome, amountBaseMinor: seq, arrivalMs: NOON_MS + minute * MINUTE_MS, transaction: aTransaction({ transactionId: `t${seq}`, ...overrides }) }); // prettier-ignore
      const labelled = { arrivalMs: NOON_MS + 90 * MINUTE_MS };
      await project(
        at(1, 0, { merchantCategory: 'grocery', cardType: 'visa' }),
        at(2, 5, { merchantCategory: 'travel' }, 'block'),
        at(3, 29, { merchantCategory: 'travel', cardType: 'visa', deviceType: 'mobile' }),
        at(4, 61, { merchantCategory: 'grocery' }, 'review'),
        aLabelRecord(5, { transactionId: 't2', isFraud: true, ...labelled }),
        aLabelRecord(6, { transactionId: 't3', isFraud: false, ...labelled }),
        aLabelRecord(7, { transactionId: 't3', isFraud: true, ...labelled }),
      );
      const end = NOON_MS + 2 * HOUR_MS;
      const series = async (fromMs: number, toMs: number, stepMs: number): Promise<unknown> =>
        (await store.series(fromMs, toMs, stepMs)).map(({ startMs, decisions, amountBaseMinor, frauds }) => [(startMs - NOON_MS) / MINUTE_MS, decisions, amountBaseMinor, frauds]); // prettier-ignore
      expect(await series(NOON_MS, end, 10 * MINUTE_MS)).toEqual([[0, 2, 3, 1], [20, 1, 3, 1], [60, 1, 4, 0]]); // prettier-ignore
      expect(await series(NOON_MS, end, HOUR_MS)).toEqual([[0, 3, 6, 2], [60, 1, 4, 0]]); // prettier-ignore
      expect(await series(NOON_MS + 1, NOON_MS + 29 * MINUTE_MS, HOUR_MS)).toEqual([[0, 1, 2, 1]]);
      expect(await series(NOON_MS + 5 * MINUTE_MS, NOON_MS + 29 * MINUTE_MS + 1, HOUR_MS)).toEqual([[0, 2, 5, 2]]);
      expect(await series(NOON_MS - HOUR_MS, NOON_MS, HOUR_MS)).toEqual([]);
      const figures = { averageScore: 0.125, fraudAmountBaseMinor: 0, fraudCaughtAmountBaseMinor: 0, frauds: 0, fraudsCaught: 0, genuineStopped: 0, labelled: 0 }; // prettier-ignore
      const travel = { ...figures, decisions: 2, outcomes: { approve: 1, review: 0, block: 1 }, amountBaseMinor: 5, labelled: 2, frauds: 2, fraudsCaught: 1, fraudAmountBaseMinor: 5, fraudCaughtAmountBaseMinor: 2 }; // prettier-ignore
      expect(await store.breakdown('category', NOON_MS, end)).toEqual([
        { value: 'grocery', ...figures, decisions: 2, outcomes: { approve: 1, review: 1, block: 0 }, amountBaseMinor: 5 }, // prettier-ignore
        { value: 'travel', ...travel },
      ]);
      const counts = async (by: Breakdown): Promise<unknown> =>
        (await store.breakdown(by, NOON_MS, end)).map(({ value, decisions }) => [value, decisions]);
      expect(await counts('card')).toEqual([['', 2], ['visa', 2]]); // prettier-ignore
      expect(await counts('device')).toEqual([['', 3], ['mobile', 1]]); // prettier-ignore
      expect((await store.stats(NOON_MS + 1, NOON_MS + 30 * MINUTE_MS)).frauds).toBe(2);
    });

    testPeriods(() => store);
    testPositions(() => store);

    it('keeps the first of two decisions about one id', async () => {
      await project(aDecisionRecord({ seq: 1 }));
      await project(
        aDecisionRecord({ seq: 2, transaction: aTransaction({ transactionId: 't1' }), outcome: 'block' }),
        aDecisionRecord({ seq: 3, transaction: aTransaction({ transactionId: 'x' }) }),
        aDecisionRecord({ seq: 4, transaction: aTransaction({ transactionId: 'x' }), outcome: 'block' }),
      );
      expect(seqs((await store.decisions({ limit: 9 })).rows)).toEqual([3, 1]);
    });

    it('is the same after a reset and a second projection in other batches', async () => {
      await fc.assert(
        fc.asyncProperty(recordHistories, fc.integer({ min: 1, max: 9 }), async (history, size) => {
          await store.reset();
          await store.project(batchOf(history));
          const once = await everyAnswer(store, history);
          await store.reset();
          expect(await store.position(JOURNAL_SOURCE)).toBe(0);
          for (let i = 0; i < history.length; i += size) await store.project(batchOf(history.slice(i, i + size)));
          expect(await everyAnswer(store, history)).toEqual(once);
        }),
        { numRuns: PROPERTY_RUNS },
      );
    });
  });
}
