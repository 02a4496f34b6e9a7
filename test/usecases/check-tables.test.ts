import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { createFeatureEngine } from '../../src/features/engine.ts';
import { type JournalRecord, type TablesRecord } from '../../src/journal/record.ts';
import { createTablesCheck } from '../../src/usecases/check-tables.ts';
import { createFold, type Fold } from '../../src/usecases/fold.ts';
import { aDecisionRecord, aLabelRecord } from '../support/journal-records.ts';
import { aTransaction, NOON_MS } from '../support/transactions.ts';

const aFold = (): Fold =>
  createFold(
    createFeatureEngine({
      catalogue: 'sentinel',
      labelDelayMs: 2 * DAY_MS,
      utcOffsetMinutes: 0,
      merchantWindows: 'tiles',
    }),
  );

/** Payments and labels in order of arrival, minutes apart. */
const happenings = fc.array(
  fc.record({
    kind: fc.constantFrom('payment', 'payment', 'label' as const),
    afterMs: fc.integer({ min: 0, max: 50 * 60_000 }),
    category: fc.constantFrom('grocery', 'travel'),
    amount: fc.integer({ min: 1, max: 90_000 }),
    /** Records that come between the one that makes tables due and the tables. */
    lag: fc.nat(4),
  }),
  { minLength: 2, maxLength: 40 },
);
type Happening = Parameters<Parameters<typeof happenings.map>[0]>[0][number];

interface Publisher {
  /** Tables to be written before the record, or so many records after it. */
  readonly due: (fold: Fold, record: JournalRecord) => TablesRecord | undefined;
  readonly lag: (happening: Happening) => number;
}

const asRecord = (tables: object, arrivalMs: number): TablesRecord =>
  ({ type: 'tables', seq: 0, ...tables, arrivalMs }) as TablesRecord;

/** As usecases/publish-tables.ts: before a payment. */
const ALONE: Publisher = {
  due(fold, { type, arrivalMs }) {
    const tables = type === 'decision' ? fold.engine.tablesDue(arrivalMs) : undefined;
    return tables && asRecord(tables, arrivalMs);
  },
  lag: () => 0,
};
/** As usecases/publish-shared-tables.ts: at the first record of an hour, written when others have gone on. */
const SHARED: Publisher = {
  due(fold, { arrivalMs }) {
    const hourMs = Math.floor(arrivalMs / HOUR_MS) * HOUR_MS;
    if (fold.position().arrivalMs >= hourMs) return undefined;
    const tables = fold.engine.tablesDue(hourMs);
    return tables && asRecord(tables, arrivalMs);
  },
  lag: ({ lag }) => lag + 1,
};

/** The hour after that of the tables is over, too: nobody takes so long to write them. */
const isLongAfter = (tables: TablesRecord, arrivalMs: number): boolean =>
  Math.floor(arrivalMs / HOUR_MS) > Math.floor(tables.arrivalMs / HOUR_MS) + 1;

function aJournal(all: readonly Happening[], { due, lag }: Publisher): readonly JournalRecord[] {
  const fold = aFold();
  const records: JournalRecord[] = [];
  let arrivalMs = NOON_MS;
  let waiting: { readonly tables: TablesRecord; left: number } | undefined;
  const write = (record: JournalRecord): void => {
    const placed = { ...record, seq: records.length + 1, arrivalMs: Math.max(record.arrivalMs, arrivalMs) };
    records.push(placed);
    fold.apply(placed);
  };
  all.forEach((happening, index) => {
    const next = arrivalMs + happening.afterMs;
    const { kind, category, amount } = happening;
    const transaction = aTransaction({ transactionId: `t${index}`, merchantCategory: category, amountMinor: amount, eventTimeMs: next }); // prettier-ignore
    const record: JournalRecord =
      kind === 'payment'
        ? aDecisionRecord({ transaction, arrivalMs: next })
        : aLabelRecord(0, { transactionId: `t${index - 1}`, arrivalMs: next });
    const tables = waiting === undefined ? due(fold, record) : undefined;
    arrivalMs = next;
    if (tables !== undefined) waiting = { tables, left: lag(happening) };
    if (waiting !== undefined && (waiting.left === 0 || isLongAfter(waiting.tables, next))) {
      write(waiting.tables);
      waiting = undefined;
    }
    write(record);
    if (waiting !== undefined && --waiting.left === 0) {
      write(waiting.tables);
      waiting = undefined;
    }
  });
  return records;
}

/** Places of tables that are found to differ. */
function differing(records: readonly JournalRecord[]): number[] {
  const fold = aFold();
  const check = createTablesCheck(fold.engine);
  return records.flatMap((record) => {
    check.before(record);
    const difference = record.type === 'tables' ? check.differenceIn(record) : undefined;
    fold.apply(record);
    return difference === undefined ? [] : [record.seq];
  });
}

describe.each([
  ['one instance', ALONE],
  ['several instances', SHARED],
])('tables published by %s', (_, publisher) => {
  it('are made again from the records they should hold', () => {
    let tables = 0;
    fc.assert(
      fc.property(happenings, (all) => {
        const records = aJournal(all, publisher);
        tables += records.filter(({ type }) => type === 'tables').length;
        expect(differing(records)).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(tables).toBeGreaterThan(100);
  });

  it('are found when a number or the version in them was changed', () => {
    fc.assert(
      fc.property(happenings, fc.nat(), fc.boolean(), (all, pick, isVersion) => {
        const records = aJournal(all, publisher);
        const published = records.filter((record) => record.type === 'tables');
        fc.pre(published.length > 0);
        const { seq, version, tables } = published[pick % published.length]!;
        const [row] = tables['all_amount'] ?? [];
        fc.pre(row !== undefined);
        const changed = isVersion
          ? { version: version + 1 }
          : { tables: { ...tables, all_amount: [{ ...row, rate: row.rate + 0.01 }] } };
        expect(differing(records.map((record) => (record.seq === seq ? { ...record, ...changed } as JournalRecord : record)))[0]).toBe(seq); // prettier-ignore
      }),
    );
  });
});

it('tables of several instances are found when they hold a payment of their own hour', () => {
  const tooLate: Publisher = {
    ...SHARED,
    due(fold, record) {
      if (Math.floor(fold.position().arrivalMs / HOUR_MS) !== Math.floor(record.arrivalMs / HOUR_MS)) return undefined;
      const tables = fold.engine.tablesDue(record.arrivalMs);
      return tables && asRecord(tables, record.arrivalMs);
    },
  };
  const payment = { kind: 'payment', category: 'travel', amount: 5_000, lag: 0 } as const;
  const minutes = [0, 30, 45, 5, 1, 1, 1].map((afterMinutes) => ({ ...payment, afterMs: afterMinutes * 60_000 }));
  const records = aJournal(minutes, tooLate);
  expect(differing(records)).toEqual(records.filter(({ type }) => type === 'tables').map(({ seq }) => seq));
  expect(differing(records)).not.toEqual([]);
});
