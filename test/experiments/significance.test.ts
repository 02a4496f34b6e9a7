/** Significance: the numbers of SciPy, and error rates that hold when there is no difference. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
