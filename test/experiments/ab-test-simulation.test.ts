/** The simulated experiment: sticky arms, right shares, the better arm found, equal arms left alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armOf, hashShare } from '../../src/experiments/assignment.ts';
import { ABTestSimulation } from '../../src/experiments/ab-test-simulation.ts';
import { type ABTestOptions, type SimulatedPayment } from '../../src/experiments/experiment.ts';
import { compareProportions, type Difference } from '../../src/experiments/significance.ts';
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

/**
 * Payments of 200 users whose models do not differ: four users in ten suffer a burst of frauds, of which nearly all or
 * nearly none are caught, and of one user in ten half of the genuine payments are flagged.
 */
function aHistoryInBursts(seed: number): SimulatedPayment[] {
  const random = createRandom(seed);
  return Array.from({ length: 200 }, (_, user) => {
    const caught = random.next() < 0.6 ? 0.95 : 0.1;
    const stopped = random.next() < 0.1 ? 0.5 : 0.01;
    const frauds = random.next() < 0.4 ? 1 + random.poisson(8) : 0;
    return Array.from({ length: frauds + 1 + random.poisson(8) }, (__, index): SimulatedPayment => {
      const isFraud = index < frauds;
      const score = random.next() < (isFraud ? caught : stopped) ? 0.9 : 0.1;
      return { userId: `${seed}-${user}`, isFraud, amount: 100, champion: score, challenger: score };
    });
  }).flat();
}

/** The comparison of one rate as if every payment were a user of its own. */
function comparedByPayment(ab: ABTestSimulation, payments: readonly SimulatedPayment[], isFraud: boolean): Difference {
  const counted = payments.filter((payment) => payment.isFraud === isFraud);
  const [champion, challenger] = (['champion', 'challenger'] as const).map((arm) => {
    const own = counted.filter(({ userId }) => ab.armOf(userId) === arm);
    return { successes: own.filter((payment) => payment[arm] >= 0.5).length, trials: own.length };
  });
  return compareProportions(champion!, challenger!, 0.95, 0.1);
}

const shareOf = <T>(values: readonly T[], holds: (value: T) => boolean): number =>
  values.filter(holds).length / values.length;

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

  it('knows no recall of an arm without frauds', () => {
    const { arms } = simulation().run(aHistory(0.6, 0.6).map((payment) => ({ ...payment, isFraud: false })));
    expect(arms.champion).toMatchObject({ frauds: 0, recall: NaN });
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

  it('finds a difference between equal arms as seldom as promised when frauds of one user come together', () => {
    const ab = simulation({ replicates: 0 });
    const results = Array.from({ length: 300 }, (_, seed) => {
      const history = aHistoryInBursts(seed + 1);
      const { recall, falsePositiveRate } = ab.run(history).differences;
      const apart = { recall: comparedByPayment(ab, history, true), falsePositiveRate: comparedByPayment(ab, history, false) }; // prettier-ignore
      return { together: { recall, falsePositiveRate }, apart };
    });
    for (const rate of ['recall', 'falsePositiveRate'] as const) {
      const found = shareOf(results, ({ together }) => together[rate].pValue < 0.05);
      const missed = shareOf(results, ({ together: { [rate]: { low, high } } }) => low > 0 || high < 0); // prettier-ignore
      for (const share of [found, missed]) {
        expect(share).toBeGreaterThan(0.02);
        expect(share).toBeLessThan(0.09);
      }
      expect(shareOf(results, ({ apart }) => apart[rate].pValue < 0.05)).toBeGreaterThan(0.15);
    }
  });

  it('stops equal arms in few histories when frauds of one user come together, however often one looks', () => {
    const ab = simulation({ expectedDifference: 0.1 });
    const looks = 20;
    const stops = ({ alwaysValidPValue }: Difference): boolean => alwaysValidPValue < 0.05;
    const stopped = Array.from({ length: 150 }, (_, seed) => {
      const history = aHistoryInBursts(seed + 1);
      const ends = Array.from({ length: looks }, (__, look) => Math.ceil(((look + 1) * history.length) / looks));
      return {
        together: ab.looks(history, looks).some(({ recall }) => stops(recall)),
        apart: ends.some((end) => stops(comparedByPayment(ab, history.slice(0, end), true))),
      };
    });
    expect(shareOf(stopped, ({ together }) => together)).toBeLessThan(0.05);
    expect(shareOf(stopped, ({ apart }) => apart)).toBeGreaterThan(0.15);
  });

  it('leaves undecided what one user of an arm cannot tell', () => {
    const ab = simulation();
    const users = Array.from({ length: 100 }, (_, i) => `u${i}`);
    const one = users.find((user) => ab.armOf(user) === 'champion')!;
    const others = users.filter((user) => ab.armOf(user) === 'challenger');
    const payments = [one, one, ...others].map((userId) => ({ userId, isFraud: userId === one, amount: 100, champion: 1, challenger: 1 })); // prettier-ignore
    const { differences, winner } = ab.run(payments);
    expect(differences.savedPerPayment).toMatchObject({ low: NaN, high: NaN });
    expect(winner).toBe('undecided');
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

describe('what cannot be', () => {
  it.each<[Partial<ABTestOptions>, string]>([
    [{ challengerShare: 50 }, 'invalid challengerShare: 50 (expected a number between 0 and 1)'],
    [{ confidence: 95 }, 'invalid confidence: 95'],
    [{ replicates: NaN }, 'invalid replicates: NaN'],
    [{ seed: NaN }, 'invalid seed: NaN'],
    [{ expectedDifference: 2 }, 'invalid expectedDifference: 2'],
    [
      { thresholds: { champion: { review: 0.5, block: 0.8 } } as ABTestOptions['thresholds'] },
      'invalid thresholds of challenger: none',
    ],
  ])('is no experiment: %j', (options, message) => {
    expect(() => simulation(options)).toThrow(message);
  });

  it.each<[Partial<Record<keyof SimulatedPayment, unknown>>, string]>([
    [{ champion: 73, challenger: 73 }, ': 73 (expected a probability from 0 to 1)'],
    [{ champion: NaN, challenger: NaN }, ': NaN (expected a probability from 0 to 1)'],
    [{ champion: undefined, challenger: undefined }, ': undefined (expected a probability from 0 to 1)'],
    [{ amount: NaN }, 'invalid amount of a payment of u1: NaN (expected major units from 0)'],
    [{ isFraud: 1 }, 'invalid isFraud of a payment of u1: 1 (expected true or false)'],
    [{ userId: undefined }, 'invalid userId: undefined (expected a text)'],
  ])('is no payment: %j', (members, message) => {
    const payment = {
      userId: 'u1',
      isFraud: false,
      amount: 1,
      champion: 0.1,
      challenger: 0.1,
      ...members,
    } as SimulatedPayment;
    expect(() => simulation().run([payment])).toThrow(message);
    expect(() => simulation().looks([payment], 1)).toThrow(message);
  });

  it('is no share of users and no count of looks', () => {
    for (const share of [NaN, 50, -0.1]) expect(() => armOf('e', 'u', share)).toThrow(`invalid share: ${share}`);
    for (const count of [0, NaN, 1.5]) expect(() => simulation().looks(aHistory(0.5, 0.5), count)).toThrow(`invalid count of looks: ${count}`); // prettier-ignore
  });

  it('does not look at what the other arm says', () => {
    const ab = simulation();
    const payments = aHistory(0.5, 0.6).map((payment) => ({ ...payment, [ab.armOf(payment.userId) === 'champion' ? 'challenger' : 'champion']: NaN })); // prettier-ignore
    expect(ab.run(payments).arms.champion.payments).toBeGreaterThan(0);
  });
});
