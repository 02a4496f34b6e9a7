import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, type Transaction } from '../../src/domain/transaction.ts';
import { createRandom } from '../../src/stats/random.ts';
import { anEngine, named, run, vectorOf } from '../support/engines.ts';
import { histories, roundHistories, type Step } from '../support/histories.ts';
import { naiveFeatures } from '../support/naive-features.ts';
import { anArrival, aTransaction, NOON_MS } from '../support/transactions.ts';

const DAY_MS = 86_400_000;

/** Names and values where the vector is not what the naive computation says. */
function differences(actual: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const got = actual[name];
    if (got === undefined) return []; // the naive computation knows windows the catalogue leaves out
    const same = Object.is(got, value) || Math.abs(got - value) <= 1e-12 * Math.max(1, Math.abs(value));
    return same ? [] : [`${name}: ${got}, expected ${value}`];
  });
}

/** Folds the steps, expecting of every `every`-th payment what plain filters say. */
function expectNaive(steps: readonly Step[], merchantWindows: 'exact' | 'tiles', every = 1): void {
  const engine = anEngine({ merchantWindows });
  const settings = { labelDelayMs: 7 * DAY_MS, merchantWindows };
  for (const [index, step] of steps.entries()) {
    if (step.type === 'label') {
      engine.label(step.label);
      continue;
    }
    if (index % every === 0) {
      const actual = named(engine, vectorOf(engine, step.arrival));
      const expected = naiveFeatures(steps.slice(0, index), step.arrival, settings);
      expect(differences(actual, expected)).toEqual([]);
    }
    engine.update(step.arrival, step.outcome);
  }
}

describe.each(['exact', 'tiles'] as const)('with %s merchant windows', (merchantWindows) => {
  it.each([
    ['any', histories(60)],
    ['round', roundHistories(60)],
  ])('computes what plain filters over the whole history compute, at %s times', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (steps) => expectNaive(steps, merchantWindows)),
      { numRuns: 30 },
    );
  });

  it('goes on with the same bits after a snapshot and restore at any point', () => {
    fc.assert(
      fc.property(histories(40), fc.nat(40), (steps, at) => {
        const whole = anEngine({ merchantWindows });
        const vectors = run(whole, steps);
        const first = anEngine({ merchantWindows });
        const before = run(first, steps.slice(0, at));
        const second = anEngine({ merchantWindows });
        second.restore(first.snapshot());
        const after = run(second, steps.slice(at));
        expect(bits([...before, ...after])).toEqual(bits(vectors));
        expect(sameBytes(second.snapshot(), whole.snapshot())).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});

const bits = (vectors: readonly Float64Array[]): readonly string[] =>
  vectors.map((vector) => Buffer.from(vector.buffer).toString('hex'));
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const paymentsIn = (steps: readonly Step[]): Extract<Step, { type: 'payment' }>[] =>
  steps.filter((step) => step.type === 'payment');

describe('a long life', () => {
  const random = createRandom(11);
  const payment = (seq: number, arrivalMs: number, overrides: Partial<Transaction> = {}): Step => ({
    type: 'payment',
    outcome: 'approve',
    arrival: anArrival({
      seq,
      transaction: aTransaction({ transactionId: `tx-${seq}`, eventTimeMs: arrivalMs, amountMinor: 1 + random.integer(9_999), ...overrides }), // prettier-ignore
    }),
  });

  it.each(['exact', 'tiles'] as const)('of a busy merchant and IP address agrees, %s', (merchantWindows) => {
    const steps = Array.from({ length: 2_500 }, (_, i) =>
      payment(i + 1, NOON_MS + i * 25 * 60_000 + random.integer(20 * 60_000), {
        userId: `user-${random.integer(400)}`,
        ipAddress: '10.0.0.9',
      }),
    );
    expectNaive(steps, merchantWindows, 23);
  });

  it('counts the users of a tiled IP address closely, through all merging of tiles', () => {
    const engine = anEngine({ merchantWindows: 'tiles' });
    const users = (i: number): string => `user-${Math.floor(i / 56) * 2 + (i % 2)}`; // two in each hour
    const steps = Array.from({ length: 1_500 }, (_, i) =>
      payment(i + 1, NOON_MS + i * 30 * 60_000, { userId: users(i), ipAddress: '10.0.0.9' }),
    );
    const vectors = run(engine, steps).map((vector) => named(engine, vector));
    expect(vectors.at(-1)!['ip_txn_count_30d']).toBeGreaterThan(1_400);
    for (const [i, vector] of vectors.entries()) {
      if (i < 400) continue;
      const inWeek = new Set(Array.from({ length: 336 }, (_, back) => users(i - 1 - back))).size; // 12 to 14
      expect(Math.abs(vector['ip_distinct_users_7d']! - inWeek), `payment ${i}`).toBeLessThanOrEqual(4);
    }
  });

  it('survives months of silence: profiles let go of what no window can reach', () => {
    const main = [0, 1, 2, 40, 41, 120].map((day, i) =>
      payment(10_000 * (i + 1), NOON_MS + day * DAY_MS, { deviceId: 'device-1', ipAddress: '10.0.0.9' }),
    );
    const others = Array.from({ length: 2_500 }, (_, i) =>
      payment(500_000 + i, NOON_MS + 100 * DAY_MS + i * 1_000, {
        userId: `other-${i % 40}`,
        merchantId: `other-${i % 7}`,
      }),
    );
    const engine = anEngine();
    run(engine, main.slice(0, 5));
    const vectors = [...run(engine, others), ...run(engine, main.slice(5))];
    const alone = run(anEngine(), main);
    const of = (vector: Float64Array): unknown[] =>
      engine.catalogue.features.flatMap(({ entity }, i) => (entity === undefined ? [] : [vector[i]]));
    expect(of(vectors.at(-1)!)).toEqual(of(alone.at(-1)!));
    expect(named(engine, vectors.at(-1)!)).toMatchObject({ account_age_days: 120, merchant_frequency: 5 });
  });
});

describe('the engine', () => {
  it('never lets a payment change the features of one that happened before it', () => {
    fc.assert(
      fc.property(histories(40), (steps) => {
        const last = paymentsIn(steps).at(-1);
        if (last === undefined) return;
        const { arrival } = last;
        const timeMs = Math.max(arrival.transaction.eventTimeMs, arrival.arrivalMs - DAY_MS);
        const before = steps.slice(0, steps.indexOf(last));
        const laterIds = new Set(
          paymentsIn(before)
            .filter(({ arrival: a }) => Math.max(a.transaction.eventTimeMs, a.arrivalMs - DAY_MS) > timeMs)
            .map(({ arrival: a }) => a.seq),
        );
        const known = before.filter((s) => !laterIds.has(s.type === 'payment' ? s.arrival.seq : s.label.payment.seq));
        // labels that arrived after the payment happened, on payments before it, stay in both
        const [all, some] = [anEngine(), anEngine()];
        run(all, before);
        run(some, known);
        const exact = (vector: Float64Array): unknown[] =>
          all.catalogue.features.flatMap(({ name, entity }, i) => (entity === 'ip' ? [] : [[name, vector[i]]]));
        expect(exact(vectorOf(all, arrival))).toEqual(exact(vectorOf(some, arrival)));
      }),
      { numRuns: 60 },
    );
  });

  it('reads without changing anything', () => {
    fc.assert(
      fc.property(histories(20), (steps) => {
        const engine = anEngine();
        run(engine, steps);
        const before = engine.snapshot();
        for (const { arrival } of paymentsIn(steps)) vectorOf(engine, arrival);
        expect(sameBytes(engine.snapshot(), before)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps one customer’s features free of other customers and merchants', () => {
    fc.assert(
      fc.property(histories(40), (steps) => {
        const own = steps.filter((step) =>
          step.type === 'payment'
            ? step.arrival.transaction.userId === 'user-0'
            : step.label.payment.entities.user === 'user-0',
        );
        const of = (vector: Float64Array): unknown[] =>
          anEngine().catalogue.features.flatMap(({ entity }, i) => (entity === 'user' ? [vector[i]] : []));
        const all = run(anEngine(), steps);
        const wanted = paymentsIn(steps).flatMap(({ arrival }, i) =>
          arrival.transaction.userId === 'user-0' ? [of(all[i]!)] : [],
        );
        expect(run(anEngine(), own).map(of)).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });

  it('does not depend on the order in which ids were first seen', () => {
    fc.assert(
      fc.property(histories(30), (steps) => {
        const rename = (id: string): string => `${id.length}${[...id].reverse().join('')}`;
        const renamed = steps.map((step): Step => renameStep(step, rename));
        const numeric = (vector: Float64Array): number[] => [...vector];
        expect(run(anEngine(), renamed).map(numeric)).toEqual(run(anEngine(), steps).map(numeric));
      }),
      { numRuns: 30 },
    );
  });

  it('replays shuffled deliveries, put back in order of seq, to the same bits', () => {
    fc.assert(
      fc.property(histories(30), fc.infiniteStream(fc.nat()), (steps, keys) => {
        const keyed = steps.map((step) => ({ step, key: keys.next().value as number }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ step }) => step);
        const seqOf = (step: Step): number => (step.type === 'payment' ? step.arrival.seq : step.label.seq);
        const ordered = shuffled.sort((a, b) => seqOf(a) - seqOf(b));
        expect(bits(run(anEngine(), ordered))).toEqual(bits(run(anEngine(), steps)));
      }),
      { numRuns: 20 },
    );
  });
});

it('takes a record for the payment it was read as only when it is the same payment', () => {
  const [read, apart] = [anEngine(), anEngine()];
  const out = new Float64Array(read.catalogue.features.length);
  const first = anArrival({ seq: 1 });
  const other = { ...anArrival({ seq: 2 }), transaction: { ...first.transaction, merchantId: 'another' } };
  read.read(first, out);
  read.update({ ...first }, 'approve');
  read.read(first, out);
  read.update(other, 'approve');
  read.read(other, out);
  read.update({ ...other, amountBaseMinor: other.amountBaseMinor + 1 }, 'approve');
  apart.update(first, 'approve');
  apart.update(other, 'approve');
  apart.update({ ...other, amountBaseMinor: other.amountBaseMinor + 1 }, 'approve');
  expect(read.snapshot()).toEqual(apart.snapshot());
});

function renameStep(step: Step, rename: (id: string) => string): Step {
  if (step.type === 'payment') {
    const { transaction } = step.arrival;
    const renamed = {
      ...transaction,
      userId: rename(transaction.userId),
      merchantId: rename(transaction.merchantId),
      ...(transaction.cardId === undefined ? {} : { cardId: rename(transaction.cardId) }),
      ...(transaction.deviceId === undefined ? {} : { deviceId: rename(transaction.deviceId) }),
    };
    const arrival: Arrival = { ...step.arrival, transaction: renamed };
    return { ...step, arrival };
  }
  const { payment } = step.label;
  const entities = Object.fromEntries(
    Object.entries(payment.entities).map(([kind, id]) => [kind, kind === 'ip' ? id : rename(id)]),
  );
  return { ...step, label: { ...step.label, payment: { ...payment, entities } } };
}
