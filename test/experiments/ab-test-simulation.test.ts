/** The simulated experiment: sticky arms, right shares, the better arm found, equal arms left alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armOf, hashShare } from '../../src/experiments/assignment.ts';
import {
  type ABTestOptions,
  ABTestSimulation,
  type SimulatedPayment,
} from '../../src/experiments/ab-test-simulation.ts';
import { createRandom } from '../../src/stats/random.ts';

const thresholds = { champion: { review: 0.5, block: 0.8 }, challenger: { review: 0.5, block: 0.8 } };
const simulation = (overrides: Partial<ABTestOptions> = {}): ABTestSimulation =>
  new ABTestSimulation({ experiment: 'test', thresholds, replicates: 200, ...overrides });

/** Payments of users; each model catches a fraud with the probability given and flags 2 % of the genuine. */
function aHistory(champion: number, challenger: number, seed = 1): SimulatedPayment[] {
  const random = createRandom(seed);
  return Array.from({ length: 8_000 }, () => {
    const isFraud = random.next() < 0.1;
    const score = (caught: number): number => (random.next() < (isFraud ? caught : 0.02) ? 0.9 : 0.1);
    return { userId: `u${random.integer(800)}`, isFraud, amount: 100, champion: score(champion), challenger: score(challenger) }; // prettier-ignore
  });
}

describe('armOf', () => {
  it('keeps a user in one arm and splits by the share asked for', () => {
    const users = Array.from({ length: 20_000 }, (_, i) => `user-${i}`);
    for (const share of [0.01, 0.1, 0.5]) {
      const challengers = users.filter((user) => armOf('e', user, share) === 'challenger');
      expect(challengers.every((user) => armOf('e', user, share) === 'challenger')).toBe(true);
      // Five standard deviations of a binomial.
      expect(Math.abs(challengers.length / 20_000 - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / 20_000));
    }
  });

  it('only adds users to the challenger as its share grows', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (name, user, share) => {
        if (armOf(name, user, share / 2) === 'challenger') expect(armOf(name, user, share)).toBe('challenger');
        expect(hashShare(name, user)).toBeLessThan(1);
      }),
    );
  });

  it('splits anew under another name', () => {
    const users = Array.from({ length: 4_000 }, (_, i) => `${i}`);
    const both = users.filter((user) => armOf('a', user, 0.5) === 'challenger' && armOf('b', user, 0.5) === 'challenger'); // prettier-ignore
    expect(Math.abs(both.length / 4_000 - 0.25)).toBeLessThan(0.04);
  });
});

describe('ABTestSimulation', () => {
  it('counts every payment in the arm of its user, with that arm’s scores', () => {
    const ab = simulation();
    const history = aHistory(0.6, 0.6);
    const { arms } = ab.run(history);
    expect(arms.champion.payments + arms.challenger.payments).toBe(history.length);
    const own = history.filter(({ userId }) => ab.armOf(userId) === 'challenger');
    expect(arms.challenger.confusion.truePositives).toBe(own.filter(({ isFraud, challenger }) => isFraud && challenger >= 0.5).length); // prettier-ignore
    expect(arms.challenger.users).toBe(new Set(own.map(({ userId }) => userId)).size);
  });

  it('finds the arm that catches more', () => {
    const { winner, differences } = simulation().run(aHistory(0.4, 0.8));
    expect(winner).toBe('challenger');
    expect(differences.recall.pValue).toBeLessThan(1e-6);
    expect(differences.recall.alwaysValidPValue).toBeLessThan(1e-3);
    expect(differences.savedPerPayment.low).toBeGreaterThan(0);
    expect(simulation().run(aHistory(0.8, 0.4)).winner).toBe('champion');
  });

  it('leaves equal arms undecided in most histories', () => {
    const decided = Array.from({ length: 20 }, (_, seed) => simulation().run(aHistory(0.6, 0.6, seed + 1)).winner);
    expect(decided.filter((winner) => winner !== 'undecided').length).toBeLessThanOrEqual(4);
  });

  it('ends its looks where it ends, and stops equal arms early in few histories', () => {
    const history = aHistory(0.5, 0.7);
    const looks = simulation().looks(history, 7);
    const { differences } = simulation().run(history);
    expect(looks.map(({ payments }) => payments)).toEqual([1143, 2286, 3429, 4572, 5715, 6858, 8000]);
    expect(looks.at(-1)).toEqual({ payments: 8_000, recall: differences.recall, falsePositiveRate: differences.falsePositiveRate }); // prettier-ignore
    const firstHalf = simulation().run(history.slice(0, 1143)).differences;
    expect(looks[0]!.recall).toEqual(firstHalf.recall);
    const stopped = Array.from({ length: 20 }, (_, seed) =>
      simulation().looks(aHistory(0.6, 0.6, seed + 1), 50),
    ).filter((many) => many.some(({ recall }) => recall.alwaysValidPValue < 0.05));
    expect(stopped.length).toBeLessThanOrEqual(3);
  });

  it('gives the same result for the same seed', () => {
    expect(simulation().run(aHistory(0.5, 0.6))).toEqual(simulation().run(aHistory(0.5, 0.6)));
  });

  it('refuses what makes no experiment', () => {
    expect(() => simulation({ challengerShare: 1 })).toThrow(/challengerShare: 1/);
    expect(() => simulation({ confidence: 0 })).toThrow(/confidence: 0/);
    const reversed = { ...thresholds, challenger: { review: 0.8, block: 0.5 } };
    expect(() => simulation({ thresholds: reversed })).toThrow(/thresholds of challenger: 0.8, 0.5/);
    expect(() => simulation().run([])).toThrow(/the champion has no payments/);
  });
});
