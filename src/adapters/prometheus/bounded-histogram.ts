/** Durations counted between given bounds, where powers of two lie too far apart. */
import { type HistogramSeries } from './exposed-histogram.ts';

export interface BoundedHistogram {
  /** Microseconds. */
  observe(durationUs: number): void;
  readonly count: number;
  /** In seconds. */
  series(): HistogramSeries;
}

const MICROSECONDS = 1e6;

/** `bounds` in seconds, ascending; a duration belongs to the first that it does not exceed. */
export function createBoundedHistogram(bounds: readonly number[]): BoundedHistogram {
  const edgesUs = bounds.map((bound) => Math.round(bound * MICROSECONDS));
  const cells = new Float64Array(bounds.length + 1);
  let count = 0;
  let sumUs = 0;
  return {
    observe(durationUs) {
      let cell = 0;
      while (cell < edgesUs.length && durationUs > edgesUs[cell]!) cell++;
      cells[cell]!++;
      count++;
      sumUs += durationUs;
    },
    get count() {
      return count;
    },
    series() {
      let atMost = 0;
      const buckets = bounds.map((bound, index) => ({ bound, atMost: (atMost += cells[index]!) }));
      return { labels: {}, buckets, count, sum: sumUs / MICROSECONDS };
    },
  };
}
