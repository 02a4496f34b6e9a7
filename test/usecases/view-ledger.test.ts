import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryLedgerStore } from '../../src/adapters/memory/ledger-store.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { type Label, labelInForce } from '../../src/domain/label.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type DecisionRow } from '../../src/ledger/queries.ts';
import { framesOf } from '../../src/adapters/memory/journal.ts';
import { batchOf } from '../support/ledger-batches.ts';
import { PRIMITIVES } from '../../src/adapters/system/byte-primitives.ts';
import { type BytePrimitives } from '../../src/journal/frame.ts';
import { createRecentDecisions, type RecentDecisions } from '../../src/usecases/recent-decisions.ts';
import { createLedgerView, type LedgerView } from '../../src/usecases/view-ledger.ts';
import { aDecisionRecord, aLabelRecord } from '../support/journal-records.ts';
import { recordHistories } from '../support/record-histories.ts';
import { NOON_MS, aTransaction } from '../support/transactions.ts';

const RANGE = { fromMs: NOON_MS - DAY_MS, toMs: NOON_MS + 30 * DAY_MS, beforeSeq: 25, limit: 4 };

/** Every page of decisions, one after the other. */
async function allPages(view: Pick<LedgerView, 'decisions'>, limit: number): Promise<DecisionRow[]> {
  const rows: DecisionRow[] = [];
  let beforeSeq: number | undefined;
  do {
    const page = await view.decisions({ limit, ...(beforeSeq === undefined ? {} : { beforeSeq }) });
    rows.push(...page.rows);
    beforeSeq = page.nextBeforeSeq;
  } while (beforeSeq !== undefined);
  return rows;
}

async function answers(view: LedgerView, limit: number): Promise<unknown> {
  const ids = Array.from({ length: 16 }, (_, i) => `t${i}`);
  return {
    pages: await allPages(view, limit),
    blocked: await view.decisions({ outcome: 'block', limit: 3 }),
    user: await view.decisions({ entity: { kind: 'user', id: 'u1' }, limit: 3 }),
    payments: await view.entityPayments('merchant', 'm1', RANGE),
    entity: { ...(await view.entity('card', 'c1')), frauds: 0 }, // as of the ledger's position
    labels: await Promise.all(ids.map((id) => view.labels(id))),
  };
}

const recentDecisions = (capacity: number, fromSeq: number): RecentDecisions =>
  createRecentDecisions({ capacity, fromSeq, labelInForce: () => undefined, primitives: PRIMITIVES });

function add(recent: RecentDecisions, records: readonly JournalRecord[]): void {
  recent.add(records, framesOf(records));
}

/** The label in force of each payment after `history`. */
function noteLabels(inForce: Map<string, Label>, history: readonly JournalRecord[]): void {
  inForce.clear();
  for (const record of history) {
    if (record.type !== 'label') continue;
    const { label } = record;
    inForce.set(label.transactionId, labelInForce(inForce.get(label.transactionId), label));
  }
}

const unavailable = (): Promise<never> =>
  Promise.reject(new SentinelError('NOT_READY', { reason: 'the ledger is starting' }));
const STARTING: LedgerView = {
  decisions: unavailable,
  entityPayments: unavailable,
  entity: unavailable,
  labels: unavailable,
  stats: unavailable,
};

describe('the view of the ledger', () => {
  it('answers as a ledger that has projected everything, wherever the projection stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        recordHistories,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2_000, max: 20_000 }),
        fc.integer({ min: 1, max: 5 }),
        async (history, fromDraw, positionDraw, capacity, bytes, limit) => {
          const complete = createMemoryLedgerStore();
          await complete.project(batchOf(history));
          const waiting = new Map<string, Label>();
          const fromSeq = 1 + (fromDraw % history.length);
          const recent = createRecentDecisions({
            capacity,
            bytes,
            fromSeq,
            primitives: PRIMITIVES,
            labelInForce: (id) => waiting.get(id),
          });
          for (const record of history.slice(fromSeq - 1)) {
            if (record.type === 'decision') noteLabels(waiting, history.slice(0, record.seq));
            add(recent, [record]);
          }
          // The ledger must reach to where memory begins.
          const least = Math.max(recent.coveredFromSeq(), recent.labelsFromSeq()) - 1;
          const position = least + (positionDraw % (history.length - least + 1));
          const partial = createMemoryLedgerStore();
          await partial.project(batchOf(history.slice(0, position)));
          const view = createLedgerView({ ledger: partial, recent });
          expect(await answers(view, limit)).toEqual(await answers(complete, limit));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('answers from memory alone while the ledger is starting, when memory holds the whole answer', async () => {
    const recent = recentDecisions(3, 100);
    const view = createLedgerView({ ledger: STARTING, recent });
    add(
      recent,
      [100, 101, 102].map((seq) => aDecisionRecord({ seq })),
    );
    expect((await view.decisions({ limit: 2 })).rows.map(({ seq }) => seq)).toEqual([102, 101]);
    expect((await view.decisions({ limit: 2 })).nextBeforeSeq).toBe(101);
    await expect(view.decisions({ limit: 3 })).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect(view.labels('t100')).rejects.toMatchObject({ code: 'NOT_READY' });
  });

  it('needs no ledger when memory goes back to the first record', async () => {
    const recent = recentDecisions(3, 1);
    add(recent, [aDecisionRecord({ seq: 1 }), aLabelRecord(2, { transactionId: 't1' })]);
    const view = createLedgerView({ ledger: STARTING, recent });
    expect((await view.decisions({ limit: 9, isFraud: true })).rows).toHaveLength(1);
    expect(await view.entity('user', 'u1')).toMatchObject({ payments: 1, frauds: 1 });
    expect(await view.entity('user', 'u2')).toBeUndefined();
    expect(await view.labels('t1')).toMatchObject([{ seq: 2, inForce: true }]);
  });
});

describe('recent decisions', () => {
  it('are found by the score they are shown with', () => {
    const recent = recentDecisions(4, 1);
    add(
      recent,
      [0.99997, 0.69996, 0.69994].map((probability, i) => aDecisionRecord({ seq: i + 1, probability })),
    );
    const found = (minScore: number) => [...recent.rows({ minScore, limit: 9 })].map(({ seq }) => seq);
    expect([found(1), found(0.7), found(0.6999), found(0)]).toEqual([[1], [2, 1], [3, 2, 1], [3, 2, 1]]);
  });

  const record = (seq: number): JournalRecord =>
    aDecisionRecord({ seq, transaction: aTransaction({ transactionId: `t${seq}`, userId: `u${seq % 2}` }) });

  it('keep the last of them, by id and by entity, and say from where on they hold all', () => {
    const recent = recentDecisions(3, 5);
    expect([recent.coveredFromSeq(), recent.lastSeq()]).toEqual([5, 4]);
    add(recent, [5, 6, 7, 8, 9].map(record));
    expect([recent.coveredFromSeq(), recent.lastSeq()]).toEqual([7, 9]);
    expect([...recent.rows({ limit: 500 })].map(({ seq }) => seq)).toEqual([9, 8, 7]);
    expect(recent.entityRows('user', 'u1').map(({ seq }) => seq)).toEqual([9, 7]);
    expect(recent.find('t6')).toBeUndefined();
    expect(recent.find('t8')?.seq).toBe(8);
  });

  it('give an entity’s payments of a time, the newest events first, and decode no more than asked for', () => {
    let texts = 0;
    const counting: BytePrimitives = {
      ...PRIMITIVES,
      takeCharacters: (...where) => {
        texts++;
        return PRIMITIVES.takeCharacters(...where);
      },
    };
    const recent = createRecentDecisions({
      capacity: 500,
      fromSeq: 1,
      labelInForce: () => undefined,
      primitives: counting,
    });
    const at = (seq: number): number => NOON_MS + ((seq * 7) % 101); // neither in order nor each once
    const records = Array.from({ length: 400 }, (_, i) =>
      aDecisionRecord({
        seq: i + 1,
        transaction: aTransaction({ transactionId: `t${i + 1}`, userId: `u${i % 2}`, eventTimeMs: at(i + 1) }),
      }),
    );
    add(recent, records);
    const range = { fromMs: NOON_MS + 10, toMs: NOON_MS + 90, beforeSeq: 350, limit: 8 };
    const rows = recent.entityPayments('user', 'u1', range);
    expect(rows.map(({ seq }) => seq)).toEqual(
      records
        .filter(({ seq, transaction: { userId } }) => userId === 'u1' && seq < 350 && at(seq) > range.fromMs)
        .filter(({ seq }) => at(seq) <= range.toMs)
        .sort((a, b) => at(b.seq) - at(a.seq) || b.seq - a.seq)
        .slice(0, 8)
        .map(({ seq }) => seq),
    );
    const forEight = texts;
    recent.entityPayments('user', 'u1', { ...range, limit: 16 });
    expect(texts).toBe(3 * forEight);
    recent.entityRows('user', 'u1', 396);
    expect(texts).toBe(3 * forEight + forEight / 4); // those of 398 and 400
    expect(recent.entityRows('user', 'u1', 396).map(({ seq }) => seq)).toEqual([400, 398]);
  });

  it('take each record once', () => {
    const recent = recentDecisions(10, 1);
    add(recent, [record(1), record(2)]);
    add(recent, [record(2), record(3)]);
    expect([...recent.rows({ limit: 500 })]).toHaveLength(3);
  });

  it('show the label in force, also after its record has gone', () => {
    const recent = recentDecisions(2, 1);
    add(recent, [record(1), aLabelRecord(2, { transactionId: 't1', source: 'chargeback' })]);
    add(recent, [aLabelRecord(3, { transactionId: 't1', source: 'customer', isFraud: false })]);
    add(recent, [aLabelRecord(4, { transactionId: 'x' }), aLabelRecord(5, { transactionId: 'y' })]);
    expect(recent.labels('t1')).toEqual([]);
    expect(recent.find('t1')?.isFraud).toBe(true);
    add(recent, [record(6), record(7)]);
    expect(recent.labelOf('t1')).toBeUndefined();
    expect(recent.labelOf('x')?.isFraud).toBe(true);
  });
});
