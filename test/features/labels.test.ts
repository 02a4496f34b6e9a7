import { describe, expect, it } from 'vitest';
import { type Label, type LabelArrival } from '../../src/domain/label.ts';
import { type Outcome } from '../../src/domain/outcome.ts';
import { type FeatureEngine } from '../../src/features/engine.ts';
import { anEngine, named, vectorOf } from '../support/engines.ts';
import { anArrival, aTransaction, NOON_MS } from '../support/transactions.ts';

const DAY_MS = 86_400_000;
const { userId, merchantId } = aTransaction();

function pay(engine: FeatureEngine, seq: number, day: number, outcome: Outcome = 'approve'): void {
  const arrival = anArrival({ seq, transaction: aTransaction({ eventTimeMs: NOON_MS + day * DAY_MS }) });
  engine.update(arrival, outcome);
}

function label(
  engine: FeatureEngine,
  seq: number,
  eventDay: number,
  day: number,
  isFraud: boolean,
  more: Partial<Label> = {},
  rest: Partial<LabelArrival> & { readonly blocked?: boolean } = {},
): Label {
  // prettier-ignore
  const given: Label = { transactionId: `tx-${seq}`, isFraud, source: 'customer', arrivalMs: NOON_MS + day * DAY_MS, ...more }; // prettier-ignore
  engine.label({
    seq: 1000 + seq,
    label: given,
    payment: {
      seq,
      eventTimeMs: NOON_MS + eventDay * DAY_MS,
      amountBaseMinor: 2500,
      entities: { user: userId, merchant: merchantId },
      merchantCategory: 'grocery',
      blocked: rest.blocked ?? false,
    },
    ...(rest.previous === undefined ? {} : { previous: rest.previous }),
  });
  return given;
}

/** What is known of the merchant in 30 days at noon of `day`. */
function knownOn(engine: FeatureEngine, day: number): Record<string, number> {
  const arrival = anArrival({ seq: 99, transaction: aTransaction({ eventTimeMs: NOON_MS + day * DAY_MS }) });
  const vector = named(engine, vectorOf(engine, arrival));
  return { known: vector['merchant_known_count_30d']!, frauds: vector['merchant_fraud_count_30d']! };
}

describe('labels', () => {
  it('leave a payment unknown until the label delay has passed in silence', () => {
    const engine = anEngine();
    pay(engine, 1, 0);
    expect(knownOn(engine, 6.999)).toEqual({ known: 0, frauds: 0 });
    expect(knownOn(engine, 7)).toEqual({ known: 1, frauds: 0 });
  });

  it('make a payment known when they arrive before silence ends, once only', () => {
    const engine = anEngine();
    pay(engine, 1, 0);
    label(engine, 1, 0, 2, true);
    expect(knownOn(engine, 1.999)).toEqual({ known: 0, frauds: 0 });
    expect(knownOn(engine, 2)).toEqual({ known: 1, frauds: 1 });
    expect(knownOn(engine, 8)).toEqual({ known: 1, frauds: 1 });
  });

  it('flip a payment already genuine by silence, and leave it known from then', () => {
    const engine = anEngine();
    pay(engine, 1, 0);
    label(engine, 1, 0, 20, true);
    expect(knownOn(engine, 20)).toEqual({ known: 1, frauds: 1 });
    expect(knownOn(engine, 36.999)).toEqual({ known: 1, frauds: 1 });
    expect(knownOn(engine, 37)).toEqual({ known: 0, frauds: 0 });
  });

  it('never make a blocked payment genuine by silence, only by a word', () => {
    const engine = anEngine();
    pay(engine, 1, 0, 'block');
    expect(knownOn(engine, 20)).toEqual({ known: 0, frauds: 0 });
    label(engine, 1, 0, 21, false, {}, { blocked: true });
    expect(knownOn(engine, 21)).toEqual({ known: 1, frauds: 0 });
  });

  it('take the old effect back when corrected', () => {
    const corrected = anEngine();
    const plain = anEngine();
    for (const engine of [corrected, plain]) pay(engine, 1, 0);
    const previous = label(corrected, 1, 0, 2, true);
    label(corrected, 1, 0, 3, false, { source: 'analyst' }, { previous });
    label(plain, 1, 0, 2, false);
    expect(knownOn(corrected, 4)).toEqual({ known: 1, frauds: 0 });
    const arrival = anArrival({ seq: 99, transaction: aTransaction({ eventTimeMs: NOON_MS + 9 * DAY_MS }) });
    expect(vectorOf(corrected, arrival)).toEqual(vectorOf(plain, arrival));
  });

  it('do not let a customer overrule a chargeback', () => {
    const engine = anEngine();
    pay(engine, 1, 0);
    const previous = label(engine, 1, 0, 2, true, { source: 'chargeback' });
    label(engine, 1, 0, 3, false, { source: 'customer' }, { previous });
    expect(knownOn(engine, 4)).toEqual({ known: 1, frauds: 1 });
  });

  it('count a run of frauds back to the newest genuine payment', () => {
    const engine = anEngine();
    for (const day of [0, 1, 2, 3]) pay(engine, day + 1, day);
    for (const day of [1, 2, 3]) label(engine, day + 1, day, 7 + day, true);
    const arrival = anArrival({ seq: 99, transaction: aTransaction({ eventTimeMs: NOON_MS + 11 * DAY_MS }) });
    expect(named(engine, vectorOf(engine, arrival))).toMatchObject({
      merchant_fraud_run: 3,
      merchant_last_fraud_age_days: 8,
      merchant_last_genuine_age_days: 11,
      user_fraud_run: 3,
    });
  });
});

describe('an entity’s description', () => {
  it('gives counts, sums and labels as features see them', () => {
    const engine = anEngine();
    pay(engine, 1, 0);
    pay(engine, 2, 1);
    label(engine, 1, 0, 3, true);
    expect(engine.describe('merchant', merchantId, NOON_MS + 5 * DAY_MS)).toEqual({
      kind: 'merchant',
      id: merchantId,
      firstSeenMs: NOON_MS,
      lastSeenMs: NOON_MS + DAY_MS,
      payments: 2,
      windows: {
        '1h': { payments: 0, amountBaseMinor: 0 },
        '6h': { payments: 0, amountBaseMinor: 0 },
        '24h': { payments: 0, amountBaseMinor: 0 },
        '7d': { payments: 2, amountBaseMinor: 5000 },
        '30d': { payments: 2, amountBaseMinor: 5000 },
      },
      labels: {
        '1d': { known: 0, frauds: 0, risk: 0.005 },
        '7d': { known: 1, frauds: 1, risk: 1.05 / 11 },
        '14d': { known: 1, frauds: 1, risk: 1.05 / 11 },
        '30d': { known: 1, frauds: 1, risk: 1.05 / 11 },
      },
      fraudRun: 1,
      lastFraudMs: NOON_MS,
    });
    expect(engine.describe('merchant', 'never-seen', NOON_MS)).toBeUndefined();
  });
});
