/** Significance: the numbers of SciPy, and error rates that hold when there is no difference. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusteredProportion, type Proportion } from '../../src/experiments/proportion.ts';
import {
  alwaysValidPValue,
  compareProportions,
  criticalZ,
  twoSidedPValue,
} from '../../src/experiments/significance.ts';
import { createRandom } from '../../src/stats/random.ts';

describe('twoSidedPValue and criticalZ', () => {
  it('agree with SciPy’s 2·norm.sf and norm.ppf', () => {
    const known = [[0, 1], [0.5, 0.6170750774519738], [1.96, 0.04999579029644087], [3, 0.0026997960632601866], [5, 5.733031437583866e-7]]; // prettier-ignore
    for (const [z, p] of known) expect(twoSidedPValue(z!) / p!).toBeCloseTo(1, 6);
    expect(criticalZ(0.95)).toBeCloseTo(1.959963984540054, 5);
    expect(criticalZ(0.99)).toBeCloseTo(2.5758293035489004, 5);
  });
});

describe('compareProportions', () => {
  it('gives what its formulas give by hand on 40 of 500 against 64 of 480', () => {
    const { difference, pValue, low, high } = compareProportions({ successes: 40, trials: 500 }, { successes: 64, trials: 480 }, 0.95, 0.02); // prettier-ignore
    expect(difference).toBeCloseTo(64 / 480 - 40 / 500, 12);
    // z = 0.0533333 / √(p(1−p)(1/500 + 1/480)), p = 104/980: 2.7101, two-sided 0.0067265.
    expect(pValue).toBeCloseTo(0.0067265, 5);
    expect(low).toBeCloseTo(0.0533333 - 0.0385791, 4);
    expect(high).toBeCloseTo(0.0533333 + 0.0385791, 4);
  });

  it('turns round when the arms do', () => {
    const count = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const [one, two] = [{ successes: a, trials: a + b }, { successes: c, trials: c + d }]; // prettier-ignore
        const [forth, back] = [compareProportions(one, two, 0.9, 0.1), compareProportions(two, one, 0.9, 0.1)];
        expect(back.difference).toBeCloseTo(-forth.difference, 12);
        expect(back.low).toBeCloseTo(-forth.high, 12);
        expect(back.pValue).toBeCloseTo(forth.pValue, 12);
      }),
    );
  });

  it('is not defined without trials or without any variance', () => {
    const none = { successes: 0, trials: 0 };
    expect(compareProportions(none, { successes: 1, trials: 2 }, 0.95, 0.1).difference).toBeNaN();
    expect(compareProportions({ successes: 0, trials: 9 }, { successes: 0, trials: 9 }, 0.95, 0.1).pValue).toBeNaN();
  });
});

describe('compareProportions of what cannot be', () => {
  const some = { successes: 3, trials: 10 };
  it.each([
    [{ successes: NaN, trials: 10 }, some, 0.95, 0.02, 'invalid successes of the champion: NaN'],
    [
      some,
      { successes: 12, trials: 10 },
      0.95,
      0.02,
      'invalid successes of the challenger: 12 (expected a whole number from 0 to 10)',
    ],
    [{ successes: 0.08, trials: 1 }, some, 0.95, 0.02, 'invalid successes of the champion: 0.08'],
    [some, { successes: 0, trials: -1 }, 0.95, 0.02, 'invalid trials of the challenger: -1'],
    [some, some, 95, 0.02, 'invalid confidence: 95'],
    [some, some, 0.95, 2, 'invalid expected: 2'],
    [some, some, 0.95, 0, 'invalid expected: 0'],
  ])('refuses %j and %j at %d and %d', (champion, challenger, confidence, expected, message) => {
    expect(() => compareProportions(champion, challenger, confidence, expected)).toThrow(RangeError);
    expect(() => compareProportions(champion, challenger, confidence, expected)).toThrow(message);
  });
});

describe('compareProportions of clusters', () => {
  const compared = (one: Proportion, two: Proportion) => compareProportions(one, two, 0.95, 0.1);
  const clusters = (...counts: [successes: number, trials: number][]): Proportion =>
    clusteredProportion(counts.map(([successes, trials]) => ({ successes, trials })));
  /** Trials as clusters of `size` that succeed or fail together. */
  const wholly = (successes: number, failures: number, size = 1): Proportion =>
    clusters(...Array<[number, number]>(successes).fill([size, size]), ...Array<[number, number]>(failures).fill([0, size])); // prettier-ignore
  const count = fc.integer({ min: 1, max: 50 });

  function expectSame(one: ReturnType<typeof compared>, other: ReturnType<typeof compared>): void {
    for (const field of ['difference', 'low', 'high', 'pValue', 'alwaysValidPValue'] as const) {
      expect(one[field]).toBeCloseTo(other[field], 10);
    }
  }

  it('gives what independent trials give when each cluster has one', () => {
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const plain = compared({ successes: a, trials: a + b }, { successes: c, trials: c + d });
        expectSame(compared(wholly(a, b), wholly(c, d)), plain);
        expectSame(compared(wholly(a, b), { successes: c, trials: c + d }), plain);
      }),
    );
  });

  it('learns nothing from a trial repeated within its cluster', () => {
    fc.assert(
      fc.property(count, count, count, count, fc.integer({ min: 2, max: 20 }), (a, b, c, d, times) => {
        const once = compared(wholly(a, b), wholly(c, d));
        expectSame(compared(wholly(a, b, times), wholly(c, d, times)), once);
        const apart = compared({ successes: times * a, trials: times * (a + b) }, { successes: times * c, trials: times * (c + d) }); // prettier-ignore
        expect((apart.high - apart.low) * Math.sqrt(times)).toBeCloseTo(once.high - once.low, 10);
      }),
    );
  });

  it('gives the interval of the ratio estimator by hand', () => {
    // Shares 1/2 and 1/4; residuals 3, −3, 0 of 16 trials and 2, −1, −1 of 12.
    const { difference, low, high, pValue } = compared(clusters([6, 6], [0, 6], [2, 4]), clusters([3, 4], [0, 4], [0, 4])); // prettier-ignore
    expect(difference).toBeCloseTo(-1 / 4, 12);
    expect(high - difference).toBeCloseTo(criticalZ(0.95) * Math.sqrt(18 / 256 + 6 / 144), 10);
    expect(difference - low).toBeCloseTo(high - difference, 10);
    // Together 11 of 28: residuals 6·17/28, −6·11/28, 2 − 44/28 and 3 − 44/28, −44/28, −44/28.
    const scatter = ((6 * 17) ** 2 + 66 ** 2 + 12 ** 2 + 40 ** 2 + 2 * 44 ** 2) / 28 ** 2;
    const variance = (scatter / 28) * (1 / 16 + 1 / 12);
    expect(pValue).toBeCloseTo(twoSidedPValue(1 / 4 / Math.sqrt(variance)), 10);
  });

  it('is never surer than independent trials are', () => {
    const cluster = fc.tuple(count, count).map(([a, b]): [number, number] => [a, a + b]);
    const many = fc.array(cluster, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(many, many, (one, two) => {
        const [champion, challenger] = [clusters(...one), clusters(...two)];
        const plain = ({ successes, trials }: Proportion): Proportion => ({ successes, trials });
        const [together, apart] = [compared(champion, challenger), compared(plain(champion), plain(challenger))];
        expect(together.pValue).toBeGreaterThanOrEqual(apart.pValue - 1e-12);
        expect(together.high - together.low).toBeGreaterThanOrEqual(apart.high - apart.low - 1e-12);
      }),
    );
  });

  it('takes a single cluster for a single trial', () => {
    const { low, high } = compared(clusters([5, 10]), clusters([0, 10]));
    expect(high - low).toBeCloseTo(2 * criticalZ(0.95) * 0.5, 10);
    expect(compared(clusters([20, 20]), clusters([0, 20])).pValue).toBeCloseTo(twoSidedPValue(Math.SQRT2), 10);
  });

  it('is not defined without trials, or when all of both arms succeed or all fail', () => {
    const none = compared(clusters(), clusters([1, 2], [2, 2]));
    expect(none).toEqual({ difference: NaN, low: NaN, high: NaN, pValue: NaN, alwaysValidPValue: NaN });
    for (const successes of [0, 4]) {
      const all = clusters([successes, 4], [successes, 4]);
      expect(compared(all, all).pValue).toBeNaN();
      expect(compared(all, all).alwaysValidPValue).toBeNaN();
      expect(compared(all, clusters([1, 4], [3, 4])).pValue).toBeLessThanOrEqual(1);
    }
  });
});

describe('alwaysValidPValue', () => {
  it('keeps its promise under peeking where the plain test breaks its own', () => {
    const looks = 60;
    let [plain, sequential] = [0, 0];
    const experiments = 300;
    for (let seed = 1; seed <= experiments; seed++) {
      const random = createRandom(seed);
      const arms = [{ successes: 0, trials: 0 }, { successes: 0, trials: 0 }]; // prettier-ignore
      let [plainFound, sequentialFound] = [false, false];
      for (let look = 0; look < looks; look++) {
        for (const arm of arms) {
          for (let i = 0; i < 50; i++) arm.successes += random.next() < 0.2 ? 1 : 0;
          arm.trials += 50;
        }
        const { pValue, alwaysValidPValue: valid } = compareProportions(arms[0]!, arms[1]!, 0.95, 0.05);
        plainFound ||= pValue < 0.05;
        sequentialFound ||= valid < 0.05;
      }
      plain += Number(plainFound);
      sequential += Number(sequentialFound);
    }
    expect(sequential / experiments).toBeLessThan(0.05);
    expect(plain / experiments).toBeGreaterThan(0.2);
  });

  it('finds a difference that is there', () => {
    expect(alwaysValidPValue(0.1, 0.0002, 0.05)).toBeLessThan(1e-6);
    expect(alwaysValidPValue(0, 0.0002, 0.05)).toBe(1);
  });
});
