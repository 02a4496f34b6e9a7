/** The Parzen estimator: densities that are densities, suggestions inside their space, and fewer trials than chance needs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp } from '../../../src/stats/elementary.ts';
import { createRandom } from '../../../src/stats/random.ts';
import { choiceDensity, normalCdf, parzenDensity } from '../../../src/training/tuning/parzen.ts';
import { requireSpace, type Settings, type Space, unitOf, valueAt } from '../../../src/training/tuning/space.ts';
import { createStudy, valueOf } from '../../../src/training/tuning/study.ts';
import { randomSettings, suggest, type Tried } from '../../../src/training/tuning/tpe.ts';

const SPACE: Space = {
  rate: { kind: 'real', from: 0.001, to: 1, isLogarithmic: true },
  share: { kind: 'real', from: -2, to: 3 },
  depth: { kind: 'whole', from: 1, to: 9 },
  trees: { kind: 'whole', from: 10, to: 1_000, isLogarithmic: true },
  mode: { kind: 'choice', values: [0, 1, 5] },
};

function isInside(space: Space, settings: Settings): boolean {
  return Object.entries(space).every(([name, dimension]) => {
    const value = settings[name]!;
    if (dimension.kind === 'choice') return dimension.values.includes(value);
    return value >= dimension.from && value <= dimension.to && (dimension.kind === 'real' || Number.isInteger(value));
  });
}

describe('normalCdf', () => {
  it('agrees with SciPy’s norm.cdf within 2e-7', () => {
    const known = [[-3, 0.0013498980316301], [-1, 0.158655253931457], [0, 0.5], [0.5, 0.691462461274013], [1.96, 0.975002104851780]]; // prettier-ignore
    for (const [z, probability] of known) expect(Math.abs(normalCdf(z!) - probability!)).toBeLessThan(2e-7);
  });
});

describe('densities', () => {
  it('integrate to 1 over the unit interval', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (units) => {
        const density = parzenDensity(units);
        const steps = 4_000;
        let sum = 0;
        for (let i = 0; i < steps; i++) sum += exp(density.logDensity((i + 0.5) / steps)) / steps;
        expect(sum).toBeCloseTo(1, 3);
      }),
      { numRuns: 30 },
    );
  });

  it('draw where they are dense, and every choice now and then', () => {
    const random = createRandom(3);
    const draws = Array.from({ length: 400 }, () => parzenDensity([0.8, 0.81, 0.82, 0.79]).draw(random));
    expect(draws.filter((unit) => unit > 0.7 && unit < 0.9).length).toBeGreaterThan(140); // 80 if even
    const places = Array.from({ length: 400 }, () => choiceDensity([2, 2, 2, 2, 2], 3).draw(random));
    expect(new Set(places)).toEqual(new Set([0, 1, 2]));
    expect(places.filter((place) => place === 2).length).toBeGreaterThan(220);
    const total = [0, 1, 2].reduce((sum, place) => sum + exp(choiceDensity([2, 2], 3).logDensity(place)), 0);
    expect(total).toBeCloseTo(1, 12);
  });
});

describe('space', () => {
  it('maps every value of a range to the unit interval and back', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (unit) => {
        for (const dimension of Object.values(SPACE)) {
          if (dimension.kind === 'choice') continue;
          const value = valueAt(dimension, unit);
          expect(valueAt(dimension, unitOf(dimension, value))).toBeCloseTo(value, 9);
        }
      }),
    );
  });

  it('refuses what cannot be searched', () => {
    for (const dimension of [
      { kind: 'choice', values: [] },
      { kind: 'real', from: 2, to: 1 },
      { kind: 'real', from: 0, to: 1, isLogarithmic: true },
    ] as const) {
      expect(() => requireSpace({ odd: dimension })).toThrow(/invalid dimension odd/);
    }
  });
});

describe('suggest', () => {
  it('stays inside its space, whatever was tried', () => {
    const aTrial: fc.Arbitrary<Tried> = fc.record({
      settings: fc.integer().map((seed) => randomSettings(SPACE, createRandom(seed))),
      value: fc.option(fc.double({ min: -5, max: 5, noNaN: true }), { nil: undefined }),
      isPruned: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(aTrial, { maxLength: 30 }), fc.integer(), (tried, seed) => {
        expect(isInside(SPACE, suggest(SPACE, tried, createRandom(seed)))).toBe(true);
      }),
    );
  });

  /** Functions of known maximum 0, the logarithm and the choice among what matters. */
  const FUNCTIONS: Readonly<Record<string, readonly [Space, (settings: Settings) => number]>> = {
    'a bowl of two dimensions': [
      { x: { kind: 'real', from: -5, to: 5 }, y: { kind: 'real', from: -5, to: 5 } },
      ({ x, y }) => -((x! - 1) ** 2) - (y! + 2) ** 2,
    ],
    'Branin’s, which has three maxima': [
      { x: { kind: 'real', from: -5, to: 10 }, y: { kind: 'real', from: 0, to: 15 } },
      ({ x, y }) => {
        const bend = y! - (5.1 / (4 * Math.PI ** 2)) * x! ** 2 + (5 / Math.PI) * x! - 6;
        return 0.397887 - (bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x!) + 10);
      },
    ],
    'one of an order of magnitude, a whole number and a choice': [
      SPACE,
      ({ rate, depth, mode }) => -((Math.log10(rate!) + 2) ** 2) - ((depth! - 6) / 3) ** 2 - (mode === 5 ? 0 : 1),
    ],
  };

  it.each(Object.entries(FUNCTIONS))('comes nearer to the maximum of %s than chance does', (_, [space, value]) => {
    const shortfall = (startup: number): number => {
      let sum = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const study = createStudy({ space, seed, startup, pruning: 'none' });
        for (let i = 0; i < 50; i++) {
          const trial = study.ask();
          study.tell({ ...trial, steps: [value(trial.settings)], state: 'complete', seconds: 0 });
        }
        sum -= valueOf(study.best()!);
      }
      return sum / 12;
    };
    // All trials at random, against ten and then the estimator.
    expect(shortfall(10)).toBeLessThan(0.6 * shortfall(50));
  });
});
