/** How often something happened, and how much of that came together in clusters. */

/** Something that happened in `successes` of `trials`. */
export interface Proportion {
  readonly successes: number;
  readonly trials: number;
  /** What `clusteredProportion` says of trials that come together; absent when each stands by itself. */
  readonly clusters?: ClusterSums;
}

/** Sums over clusters, which are enough for a variance around any share. */
export interface ClusterSums {
  /** Clusters with at least one trial. */
  readonly count: number;
  readonly squaredSuccesses: number;
  readonly squaredTrials: number;
  readonly products: number;
}

export const shareOf = ({ successes, trials }: Proportion): number => successes / trials;

/** All trials of the clusters given, such as the frauds of each user; those without trials count for nothing. */
export function clusteredProportion(clusters: Iterable<Proportion>): Proportion {
  const sums = { successes: 0, trials: 0, count: 0, squaredSuccesses: 0, squaredTrials: 0, products: 0 };
  for (const { successes, trials } of clusters) {
    sums.successes += successes;
    sums.trials += trials;
    sums.count += Number(trials > 0);
    sums.squaredSuccesses += successes * successes;
    sums.squaredTrials += trials * trials;
    sums.products += successes * trials;
  }
  const { successes, trials, ...rest } = sums;
  return { successes, trials, clusters: rest };
}

const clustersOf = ({ successes, trials, clusters }: Proportion): ClusterSums =>
  clusters ?? { count: trials, squaredSuccesses: successes, squaredTrials: trials, products: successes };

/** Both proportions as one. */
export function joined(one: Proportion, other: Proportion): Proportion {
  const [a, b] = [clustersOf(one), clustersOf(other)];
  return {
    successes: one.successes + other.successes,
    trials: one.trials + other.trials,
    clusters: {
      count: a.count + b.count,
      squaredSuccesses: a.squaredSuccesses + b.squaredSuccesses,
      squaredTrials: a.squaredTrials + b.squaredTrials,
      products: a.products + b.products,
    },
  };
}

/**
 * How many times the variance of independent trials a share has because its trials come in clusters, at least 1: the
 * ratio estimator Σ(successes − share·trials)² over clusters, without its factor m/(m − 1), so that clusters of one
 * give 1. Source: W. Cochran, Sampling Techniques, 1977, section 6.3. A single cluster, which shows no variance, counts
 * as a single trial. NaN without trials, and when all succeed or all fail: there is no variance to compare with.
 */
export function designEffect(proportion: Proportion): number {
  const share = shareOf(proportion);
  const { trials } = proportion;
  const { count, squaredSuccesses, squaredTrials, products } = clustersOf(proportion);
  if (count === 1) return trials;
  const scatter = squaredSuccesses - 2 * share * products + share * share * squaredTrials;
  return Math.max(1, scatter / (trials * share * (1 - share)));
}
