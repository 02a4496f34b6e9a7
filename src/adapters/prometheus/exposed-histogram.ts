/** Our own histograms in the registry of prom-client, whose own cost half a microsecond an observation. */
import { type Metric, type Registry } from 'prom-client';
import { type DurationHistogram } from './duration-histogram.ts';

/** One labelled histogram as Prometheus wants it: how many were at most each bound. */
export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: readonly { readonly bound: number; readonly atMost: number }[];
  readonly count: number;
  readonly sum: number;
}

/** Powers of two, microseconds, that bound the exposed buckets: 16 µs to 16.8 s. */
const FIRST_POWER = 4;
const LAST_POWER = 24;
const MICROSECONDS = 1e6;

/** Durations in seconds, bounds at every power of two of microseconds. */
export function durationSeries(
  histogram: DurationHistogram,
  labels: Readonly<Record<string, string>> = {},
): HistogramSeries {
  const powers = Array.from({ length: LAST_POWER - FIRST_POWER + 1 }, (_, index) => FIRST_POWER + index);
  return {
    labels,
    buckets: powers.map((power) => ({ bound: 2 ** power / MICROSECONDS, atMost: histogram.below(power) })),
    count: histogram.count,
    sum: histogram.sumUs / MICROSECONDS,
  };
}

/** Adds a histogram that is read from `collect` at each scrape. */
export function exposeHistogram(
  registry: Registry,
  name: string,
  help: string,
  collect: () => readonly HistogramSeries[],
): void {
  const values = () =>
    collect().flatMap(({ labels, buckets, count, sum }) => [
      ...buckets.map(({ bound, atMost }) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: String(bound) },
        value: atMost,
      })),
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]);
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: values() }),
  };
  // The registry needs a name and `get` only; its type asks for one of the library's own classes.
  registry.registerMetric(metric as unknown as Metric);
}
