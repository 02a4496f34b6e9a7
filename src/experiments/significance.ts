/** Whether two arms differ: a test for one look at the end, and one that may be looked at as often as one likes. */
import { exp, log } from '../stats/elementary.ts';
import { designEffect, joined, type Proportion, shareOf } from './proportion.ts';

export interface Difference {
  /** Challenger less champion; NaN when an arm has no trials. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided; valid for one look planned beforehand. */
  readonly pValue: number;
  /** Two-sided and valid at every look, however often it is taken and whenever the experiment stops for it. */
  readonly alwaysValidPValue: number;
}

/** P(|standard normal| ≥ |z|), relative error 1.2e-7. Source: W. Press et al., Numerical Recipes, 1992, section 6.2. */
export function twoSidedPValue(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const series = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277]; // prettier-ignore
  const power = series.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  return Math.min(1, t * exp(power - x * x));
}

/** The z beyond which a share `1 − confidence` lies on both sides, by bisection. */
export function criticalZ(confidence: number): number {
  let [low, high] = [0, 40];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (twoSidedPValue(middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Difference of two proportions: z-test with pooled variance, interval with the arms' own.
 * Source: A. Agresti, Categorical Data Analysis, 2002, section 3.1. Where trials come in clusters, each variance is
 * multiplied by the design effect, for the test by that of both arms together; with less than some thirty clusters an
 * arm the interval is still too narrow. All is NaN when an arm has no trials; the p-values alone are when all trials of
 * both arms succeed or all fail. The always-valid p-value is that of the mixture sequential probability ratio test with
 * a normal mixture of deviation `expected` over the true difference.
 * Source: R. Johari, L. Pekelis, D. J. Walsh, Always valid inference, 2015, section 4.
 * RangeError for counts that are none, and unless `confidence` lies between 0 and 1 and `expected` above 0, at most 1.
 */
export function compareProportions(
  champion: Proportion,
  challenger: Proportion,
  confidence: number,
  expected: number,
): Difference {
  requireCounts('champion', champion);
  requireCounts('challenger', challenger);
  requireConfidence(confidence);
  requireExpected('expected', expected);
  const difference = shareOf(challenger) - shareOf(champion);
  const both = joined(champion, challenger);
  const pooled = shareOf(both);
  const pooledVariance = designEffect(both) * pooled * (1 - pooled) * (1 / champion.trials + 1 / challenger.trials);
  const margin = criticalZ(confidence) * Math.sqrt(ownVariance(champion) + ownVariance(challenger));
  return {
    difference,
    low: difference - margin,
    high: difference + margin,
    pValue: pooledVariance > 0 ? twoSidedPValue(difference / Math.sqrt(pooledVariance)) : NaN,
    alwaysValidPValue: alwaysValidPValue(difference, pooledVariance, expected),
  };
}

/** RangeError unless it is a share between 0 and 1, such as 0.95. */
export function requireConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`invalid confidence: ${confidence} (expected a number between 0 and 1)`);
  }
}

/** RangeError unless two rates can differ by so much. */
export function requireExpected(name: string, expected: number): void {
  if (!(expected > 0 && expected <= 1)) {
    throw new RangeError(`invalid ${name}: ${expected} (expected a number above 0, at most 1)`);
  }
}

function requireCounts(arm: string, { successes, trials }: Proportion): void {
  if (!(Number.isSafeInteger(trials) && trials >= 0)) {
    throw new RangeError(`invalid trials of the ${arm}: ${trials} (expected a whole number from 0)`);
  }
  if (!(Number.isSafeInteger(successes) && successes >= 0 && successes <= trials)) {
    throw new RangeError(`invalid successes of the ${arm}: ${successes} (expected a whole number from 0 to ${trials})`);
  }
}

function ownVariance(proportion: Proportion): number {
  const share = shareOf(proportion);
  const independent = (share * (1 - share)) / proportion.trials;
  return independent > 0 ? designEffect(proportion) * independent : independent;
}

/** 1 / the likelihood ratio of a normal mixture over the difference against no difference, at most 1. */
export function alwaysValidPValue(difference: number, variance: number, expected: number): number {
  if (!(variance > 0)) return NaN;
  const mixture = expected * expected;
  const exponent = (mixture * difference * difference) / (2 * variance * (variance + mixture));
  const logRatio = 0.5 * log(variance / (variance + mixture)) + exponent;
  return logRatio <= 0 ? 1 : exp(-logRatio);
}
