/** The figures of a stream worker, given to Prometheus at each scrape. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { type PartitionLag, type StreamStatus } from '../../ports/transaction-stream.ts';
import { countersOf, createCells, exposeDecisions, exposeModel, fallbacksOf, GC_BUCKETS, type PrometheusTelemetry } from './telemetry.ts'; // prettier-ignore

export interface StreamSources {
  /** Undefined until the stream is open. */
  readonly status: () => StreamStatus | undefined;
  readonly lag: () => Promise<readonly PartitionLag[]>;
  readonly modelVersion: () => string;
}

export interface StreamTelemetry extends PrometheusTelemetry {
  /** Decisions by the policy’s fallback so far. */
  fallbacks(): number;
}

const STATES: readonly StreamStatus['state'][] = ['starting', 'running', 'waiting', 'failed', 'closed'];

export function createStreamTelemetry({ status, lag, modelVersion }: StreamSources): StreamTelemetry {
  const registry = new Registry();
  const cells = createCells();
  collectDefaultMetrics({ register: registry, gcDurationBuckets: GC_BUCKETS });
  exposeDecisions(registry, cells);
  exposeModel(registry, modelVersion);
  const count = (name: string, help: string, value: (status: StreamStatus) => number): void => {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        counter.reset();
        const now = status();
        counter.inc(now === undefined ? 0 : value(now));
      },
    });
  };
  count('sentinel_stream_handled_total', 'Messages handled and committed', ({ handled }) => handled);
  count('sentinel_stream_dead_total', 'Messages kept aside as dead letters', ({ dead }) => dead);
  count('sentinel_stream_repeated_total', 'Transactions given up, their messages taken again', ({ repeated }) => repeated); // prettier-ignore
  const state: Gauge<'state'> = new Gauge({
    name: 'sentinel_stream_state',
    help: 'How the stream stands: 1 at its state',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const each of STATES) state.set({ state: each }, status()?.state === each ? 1 : 0);
    },
  });
  const lags: Gauge<'topic' | 'partition'> = new Gauge({
    name: 'sentinel_stream_lag_messages',
    help: 'Messages that no worker has finished, by partition; absent while no broker answers',
    labelNames: ['topic', 'partition'],
    registers: [registry],
    async collect() {
      const all = await lag().catch(() => []);
      lags.reset();
      for (const { topic, partition, messages } of all) lags.set({ topic, partition: String(partition) }, messages);
    },
  });
  return { ...countersOf(cells), metricsText: () => registry.metrics(), fallbacks: () => fallbacksOf(cells) };
}
