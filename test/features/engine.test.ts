import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival } from '../../src/domain/transaction.ts';
import { anEngine, named, run, vectorOf } from '../support/engines.ts';
import { histories, type Step } from '../support/histories.ts';
import { naiveFeatures } from '../support/naive-features.ts';

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

describe.each(['exact', 'tiles'] as const)('with %s merchant windows', (merchantWindows) => {
  it('computes what plain filters over the whole history compute', () => {
    fc.assert(
      fc.property(histories(60), (steps) => {
        const engine = anEngine({ merchantWindows });
        const settings = { labelDelayMs: 7 * DAY_MS, merchantWindows };
        for (const [index, step] of steps.entries()) {
          if (step.type === 'label') {
            engine.label(step.label);
            continue;
          }
          const actual = named(engine, vectorOf(engine, step.arrival));
          const expected = naiveFeatures(steps.slice(0, index), step.arrival, settings);
          expect(differences(actual, expected)).toEqual([]);
          engine.update(step.arrival, step.outcome);
        }
      }),
      { numRuns: 60 },
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
      { numRuns: 25 },
    );
  });
});

const bits = (vectors: readonly Float64Array[]): readonly string[] =>
  vectors.map((vector) => Buffer.from(vector.buffer).toString('hex'));
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const paymentsIn = (steps: readonly Step[]): Extract<Step, { type: 'payment' }>[] =>
  steps.filter((step) => step.type === 'payment');

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
      { numRuns: 100 },
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
