/** The tree-structured Parzen estimator: tries next what is likely among good trials and unlikely among the others. */
import { type Random } from '../../stats/random.ts';
import { choiceDensity, type Density, parzenDensity } from './parzen.ts';
import { type Dimension, type Settings, type Space, unitOf, valueAt } from './space.ts';

/** What is known of settings that were tried; larger values are better. */
export interface Tried {
  readonly settings: Settings;
  /** Undefined while it runs. */
  readonly value: number | undefined;
  /** It was stopped early, so its value is not of the whole. */
  readonly isPruned: boolean;
}

/** Share of the trials taken as good, and the most. Source: as `suggest`, section 6 (γ = 0.15); Optuna's bound of 25. */
const GOOD_SHARE = 0.15;
const MOST_GOOD = 25;
/** Settings drawn from the good for each that is tried. Source: HyperOpt's n_EI_candidates. */
const DRAWS = 24;

/** Settings at random over a space. */
export function randomSettings(space: Space, random: Random): Settings {
  return Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => [
      name,
      dimension.kind === 'choice'
        ? dimension.values[random.integer(dimension.values.length)]!
        : valueAt(dimension, random.next()),
    ]),
  );
}

/**
 * Settings to try next: of those drawn from the density of good trials, the one whose density among good over that
 * among other trials is highest, dimension by dimension. Trials stopped early rank below all that ended, and those
 * still running count as no good, so that two at a time do not try the same.
 * Source: J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, Algorithms for hyper-parameter optimization, 2011, section 4.
 */
export function suggest(space: Space, tried: readonly Tried[], random: Random): Settings {
  const ranked = tried.toSorted((a, b) => rank(b) - rank(a) || (b.value ?? 0) - (a.value ?? 0));
  const ended = tried.filter(({ value }) => value !== undefined).length;
  const goodCount = Math.min(MOST_GOOD, Math.max(1, Math.ceil(GOOD_SHARE * ended)));
  const [good, others] = [ranked.slice(0, goodCount), ranked.slice(goodCount)];
  return Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => {
      const among = (trials: readonly Tried[]): Density =>
        densityOf(
          dimension,
          trials.map(({ settings }) => settings[name]!),
        );
      return [name, bestDraw(dimension, among(good), among(others), random)];
    }),
  );
}

const rank = ({ value, isPruned }: Tried): number => (value === undefined ? 0 : isPruned ? 1 : 2);

function densityOf(dimension: Dimension, values: readonly number[]): Density {
  if (dimension.kind === 'choice') {
    const places = values.map((value) => dimension.values.indexOf(value));
    return choiceDensity(
      places.filter((place) => place >= 0),
      dimension.values.length,
    );
  }
  return parzenDensity(values.map((value) => Math.min(1, Math.max(0, unitOf(dimension, value)))));
}

function bestDraw(dimension: Dimension, good: Density, others: Density, random: Random): number {
  let [best, highest] = [NaN, -Infinity];
  for (let draw = 0; draw < DRAWS; draw++) {
    const place = good.draw(random);
    const gain = good.logDensity(place) - others.logDensity(place);
    if (gain > highest) [best, highest] = [place, gain];
  }
  return dimension.kind === 'choice' ? dimension.values[best]! : valueAt(dimension, best);
}
