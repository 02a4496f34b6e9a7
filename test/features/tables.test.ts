import { describe, expect, it } from 'vitest';
import { type Outcome } from '../../src/domain/outcome.ts';
import { type Transaction } from '../../src/domain/transaction.ts';
import { type FeatureEngine } from '../../src/features/engine.ts';
import { anEngine, named, vectorOf } from '../support/engines.ts';
import { anArrival, aTransaction, NOON_MS } from '../support/transactions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function pay(
  engine: FeatureEngine,
  seq: number,
  overrides: Partial<Transaction> = {},
  outcome: Outcome = 'approve',
): void {
  // prettier-ignore
  engine.update(anArrival({ seq, transaction: aTransaction({ transactionId: `tx-${seq}`, ...overrides }) }), outcome);
}

function fraud(engine: FeatureEngine, seq: number, merchantCategory: string): void {
  engine.label({
    seq: 100 + seq,
    label: { transactionId: `tx-${seq}`, isFraud: true, source: 'chargeback', arrivalMs: NOON_MS + DAY_MS },
    payment: { seq, eventTimeMs: NOON_MS, amountBaseMinor: 2500, entities: {}, merchantCategory, blocked: false },
  });
}

describe('slow tables', () => {
  it('are due at the first arrival of each new hour, and not before the first payment', () => {
    const engine = anEngine();
    expect(engine.tablesDue(NOON_MS)).toBeUndefined();
    pay(engine, 1);
    expect(engine.tablesDue(NOON_MS + HOUR_MS - 1)).toBeUndefined();
    const due = engine.tablesDue(NOON_MS + HOUR_MS)!;
    expect(due.version).toBe(1);
    expect(engine.tablesVersion).toBe(0);
    engine.publish(due);
    expect(engine.tablesVersion).toBe(1);
    expect(engine.tablesDue(NOON_MS + HOUR_MS + 1)).toBeUndefined();
    expect(engine.tablesDue(NOON_MS + 9 * HOUR_MS)?.version).toBe(2);
  });

  it('hold mean amounts at once, and rates of payments whose day silence has closed', () => {
    const engine = anEngine();
    for (let seq = 1; seq <= 4; seq++) pay(engine, seq, { merchantCategory: 'atm', amountMinor: seq * 1000 });
    for (let seq = 5; seq <= 10; seq++) pay(engine, seq);
    pay(engine, 11, { merchantCategory: 'atm', amountMinor: 9000 }, 'block');
    fraud(engine, 1, 'atm');
    fraud(engine, 2, 'atm');
    const early = engine.tablesDue(NOON_MS + 2 * DAY_MS)!.tables;
    expect(early['merchant_category_amount']).toEqual([
      { key: 'atm', rate: 38, count: 5 },
      { key: 'grocery', rate: 25, count: 6 },
    ]);
    expect(early['merchant_category']).toEqual([]);
    const late = engine.tablesDue(NOON_MS + 8 * DAY_MS)!.tables;
    // (2 frauds + 200 · 0.005) / (10 known + 200); the blocked payment is not known
    const all = 3 / 210;
    expect(late['all']).toEqual([{ key: 'all', rate: all, count: 10 }]);
    expect(late['merchant_category']).toEqual([
      { key: 'atm', rate: (2 + 10 * all) / 14, count: 4 },
      { key: 'grocery', rate: (10 * all) / 16, count: 6 },
    ]);
    const month = engine.tablesDue(NOON_MS + 60 * DAY_MS)!.tables;
    expect(month['merchant_category_amount']).toEqual([]);
  });

  it('change features only once published', () => {
    const engine = anEngine();
    for (let seq = 1; seq <= 4; seq++) pay(engine, seq, { amountMinor: 1000, cardType: 'visa' });
    const later = anArrival({
      seq: 9,
      transaction: aTransaction({ eventTimeMs: NOON_MS + HOUR_MS, amountMinor: 5000, cardType: 'visa' }),
    });
    const before = named(engine, vectorOf(engine, later));
    expect(before['amount_to_category_avg_ratio']).toBeNaN();
    engine.publish(engine.tablesDue(NOON_MS + HOUR_MS)!);
    expect(named(engine, vectorOf(engine, later))).toMatchObject({
      amount_to_category_avg_ratio: 5,
      amount_to_card_type_avg_ratio: 5,
      category_frequency: 1,
      category_risk_score: 0.005,
    });
  });

  it('do not grow without bound when every payment names a new category', () => {
    const engine = anEngine();
    for (let seq = 1; seq <= 1_500; seq++) pay(engine, seq, { merchantCategory: `category-${seq}` });
    const { tables } = engine.tablesDue(NOON_MS + HOUR_MS)!;
    expect(tables['merchant_category_amount']).toHaveLength(1_024);
    expect(tables['all_amount']).toEqual([{ key: 'all', rate: 25, count: 1_500 }]);
  });
});

describe('a payment older than the lateness bound', () => {
  it('is read as if it had happened at the bound, and said to be late', () => {
    const engine = anEngine();
    for (let hour = 0; hour < 48; hour++) pay(engine, hour + 1, { eventTimeMs: NOON_MS + hour * HOUR_MS });
    const arrivalMs = NOON_MS + 48 * HOUR_MS;
    const at = (eventTimeMs: number): { late: boolean; vector: Float64Array } => {
      const vector = new Float64Array(engine.catalogue.features.length);
      const late = engine.read(anArrival({ seq: 99, arrivalMs, transaction: aTransaction({ eventTimeMs }) }), vector);
      return { late, vector };
    };
    const bound = at(arrivalMs - DAY_MS);
    expect(bound.late).toBe(false);
    expect(at(arrivalMs - 3 * DAY_MS)).toEqual({ late: true, vector: bound.vector });
    expect(named(engine, bound.vector)['user_txn_count_30d']).toBe(25);
  });
});

describe('a snapshot', () => {
  it('is refused when it was made for other settings, another catalogue, or is not one', () => {
    const bytes = anEngine().snapshot();
    expect(() => anEngine({ labelDelayMs: DAY_MS }).restore(bytes)).toThrow(/settings/);
    expect(() => anEngine({ catalogue: 'handbook' }).restore(bytes)).toThrow(/catalogue/);
    expect(() => anEngine().restore(new Uint8Array(64))).toThrow(/not a snapshot/);
    expect(() => anEngine().restore(bytes.subarray(0, 40))).toThrow(/cut short/);
    expect(() => anEngine().restore(bytes.subarray(0, bytes.length - 8))).toThrow(/cut short/);
  });

  it('restores from bytes at any offset', () => {
    const engine = anEngine();
    pay(engine, 1);
    const bytes = engine.snapshot();
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const other = anEngine();
    other.restore(shifted.subarray(1));
    expect(other.describe('user', aTransaction().userId, NOON_MS)?.payments).toBe(1);
  });
});
