/** Bootstrap intervals that resample customers, since the payments of one customer rise and fall together. */
import { quantile } from '../stats/quantile.ts';
import { createRandom } from '../stats/random.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly rows: number;
  /** Cluster number of each row, 0, 1, 2, …; each row by itself when absent. */
  readonly clusters?: Uint32Array;
  /** Resamples drawn. */
  readonly replicates: number;
  /** Share of resamples inside the interval, 0..1. */
  readonly confidence: number;
  readonly seed: number;
}

/** Resamples on which a metric must be defined for its interval to be given, as a share of all. */
const DEFINED_SHARE = 0.5;

/**
 * The numbers `measure` reads from the row weights of each resample, [metric][replicate]. Clusters are drawn with
 * replacement, as many as there are; a row weighs as often as its cluster was drawn. Samples that number clusters
 * alike and use one seed are resampled together. Source: A. Davison and D. Hinkley, 1997, section 3.8.
 */
export function bootstrapSamples(
  { rows, clusters, replicates, seed }: Omit<BootstrapOptions, 'confidence'>,
  measure: (weights: Float64Array) => readonly number[],
): readonly (readonly number[])[] {
  const clusterCount = clusters === undefined ? rows : clusters.reduce((most, id) => Math.max(most, id + 1), 0);
  const random = createRandom(seed);
  const drawn = new Float64Array(clusterCount);
  const weights = clusters === undefined ? drawn : new Float64Array(rows);
  const samples: number[][] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawn.fill(0);
    for (let i = 0; i < clusterCount; i++) drawn[random.integer(clusterCount)]! += 1;
    if (clusters !== undefined) for (let row = 0; row < rows; row++) weights[row] = drawn[clusters[row]!]!;
    measure(weights).forEach((value, metric) => (samples[metric] ??= []).push(value));
  }
  return samples;
}

/** The percentile interval of resampled values; NaN (not defined on that resample) is left out, NaN..NaN when most are. */
export function percentileInterval(values: readonly number[], confidence: number): Interval {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length < DEFINED_SHARE * values.length) return { low: NaN, high: NaN };
  return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2) };
}

/** Percentile intervals of the numbers `measure` reads. */
export function bootstrapIntervals(
  options: BootstrapOptions,
  measure: (weights: Float64Array) => readonly number[],
): readonly Interval[] {
  return bootstrapSamples(options, measure).map((values) => percentileInterval(values, options.confidence));
}
