/** Parzen estimators on the unit interval: where trials of a kind lie, as a density to draw from. */
import { exp, log } from '../../stats/elementary.ts';
import { type Random } from '../../stats/random.ts';

export interface Density {
  draw(random: Random): number;
  logDensity(unit: number): number;
}

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
const ROOT_TWO = Math.sqrt(2);
/** Draws outside the interval are drawn again; a kernel on its edge keeps half of them. */
const MOST_REDRAWS = 100;

/** P(standard normal ≤ z) within 1.5e-7. Source: M. Abramowitz and I. Stegun, 1964, formula 7.1.26. */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / ROOT_TWO;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(-x * x);
  return z >= 0 ? 1 - tail / 2 : tail / 2;
}

/**
 * Kernels at the places given and a wide one over the middle, the prior, each cut off at 0 and 1. A kernel is as wide
 * as the farther of its neighbours is away, within bounds that shrink as places grow in number.
 * Source: J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, Algorithms for hyper-parameter optimization, 2011, section 4.
 */
export function parzenDensity(units: readonly number[]): Density {
  const centres = [...units, 0.5].sort((a, b) => a - b);
  const narrowest = 1 / Math.min(100, 1 + centres.length);
  const isPrior = centres.indexOf(0.5);
  const widths = centres.map((centre, i) => {
    if (i === isPrior) return 1;
    const below = centre - (centres[i - 1] ?? 0);
    const above = (centres[i + 1] ?? 1) - centre;
    return Math.min(1, Math.max(narrowest, below, above));
  });
  const masses = centres.map((centre, i) => normalCdf((1 - centre) / widths[i]!) - normalCdf(-centre / widths[i]!));
  return {
    draw(random) {
      const i = random.integer(centres.length);
      for (let attempt = 0; attempt < MOST_REDRAWS; attempt++) {
        const unit = centres[i]! + widths[i]! * random.normal();
        if (unit >= 0 && unit <= 1) return unit;
      }
      return centres[i]!;
    },
    logDensity(unit) {
      const sum = centres.reduce((total, centre, i) => {
        const z = (unit - centre) / widths[i]!;
        return total + exp(-0.5 * z * z) / (ROOT_TWO_PI * widths[i]! * masses[i]!);
      }, 0);
      return log(Math.max(sum / centres.length, Number.MIN_VALUE));
    },
  };
}

/** Places 0, 1, … `count` − 1 as often as given, each once more. */
export function choiceDensity(places: readonly number[], count: number): Density {
  const weights = new Array<number>(count).fill(1);
  for (const place of places) weights[place]! += 1;
  const total = places.length + count;
  return {
    draw(random) {
      let left = random.next() * total;
      for (let place = 0; place < count; place++) if ((left -= weights[place]!) < 0) return place;
      return count - 1;
    },
    logDensity: (place) => log(weights[place]! / total),
  };
}
