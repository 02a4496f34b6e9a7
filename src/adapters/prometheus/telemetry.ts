/** The program's own figures: counted in plain numbers on the scoring path, given to Prometheus at each scrape. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { OUTCOMES, type Outcome } from '../../domain/outcome.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type Telemetry } from '../../ports/telemetry.ts';
import { createBoundedHistogram } from './bounded-histogram.ts';
import { createDurationHistogram, type DurationHistogram } from './duration-histogram.ts';
import { durationSeries, exposeHistogram, type HistogramSeries } from './exposed-histogram.ts';

/** What is asked of the rest of the program at each scrape. */
export interface TelemetrySources {
  /** Undefined while it is not known. */
  readonly journalHead: () => JournalHead | undefined;
  /** `seq` of the last record in the ledger; asked for while the head is known. */
  readonly ledgerPosition: () => number;
  /** Undefined while no model is in service. */
  readonly modelVersion: () => string | undefined;
}

export interface PrometheusTelemetry extends Telemetry {
  /** Prometheus text format 0.0.4. */
  metricsText(): Promise<string>;
}

const SCORE_BUCKETS = 20;
/** Seconds; most pauses last under 2 ms, which the usual edges would not tell from 10 ms. */
export const GC_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
/** Seconds; around what a round trip takes, and what it may. */
const RETRIEVAL_BUCKETS = [
  0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015,
  0.025, 0.05, 0.1, 0.25, 0.5, 1,
];
/** Leading hex digits of the journal's MAC that a float64 holds exactly: 52 bits. */
const MAC_DIGITS = 13;
interface RouteFigures {
  readonly durations: DurationHistogram;
  readonly statuses: Map<number, number>;
}

/** Everything counted, as plain numbers. */
export function createCells() {
  return {
    outcomes: { approve: 0, review: 0, block: 0 } satisfies Record<Outcome, number>,
    scores: new Float64Array(SCORE_BUCKETS),
    scoreSum: 0,
    features: createDurationHistogram(),
    score: createDurationHistogram(),
    sync: createDurationHistogram(),
    commits: 0,
    committedRecords: 0,
    committedBytes: 0,
    cacheHits: 0,
    fallbacks: new Map<string, number>(),
    late: 0,
    labels: { fraud: 0, genuine: 0 },
    retrieval: createBoundedHistogram(RETRIEVAL_BUCKETS),
    routes: new Map<string, RouteFigures>(),
  };
}
export type Cells = ReturnType<typeof createCells>;

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

export const fallbacksOf = (cells: Cells): number => sum(cells.fallbacks.values());

export function countersOf(cells: Cells): Telemetry {
  return {
    decision(outcome, probability, { featuresUs, scoreUs }) {
      cells.outcomes[outcome]++;
      cells.features.observe(featuresUs);
      cells.score.observe(scoreUs);
      if (probability === undefined) return;
      cells.scores[Math.min(SCORE_BUCKETS - 1, Math.max(0, Math.floor(probability * SCORE_BUCKETS)))]!++;
      cells.scoreSum += probability;
    },
    cacheHit() {
      cells.cacheHits++;
    },
    fallback(cause) {
      cells.fallbacks.set(cause, (cells.fallbacks.get(cause) ?? 0) + 1);
    },
    late() {
      cells.late++;
    },
    label(isFraud) {
      cells.labels[isFraud ? 'fraud' : 'genuine']++;
    },
    retrieval: (durationUs) => cells.retrieval.observe(durationUs),
    commit(records, bytes, syncUs) {
      cells.commits++;
      cells.committedRecords += records;
      cells.committedBytes += bytes;
      cells.sync.observe(syncUs);
    },
    request(route, status, durationUs) {
      let figures = cells.routes.get(route);
      if (figures === undefined) {
        cells.routes.set(route, (figures = { durations: createDurationHistogram(), statuses: new Map() }));
      }
      figures.durations.observe(durationUs);
      figures.statuses.set(status, (figures.statuses.get(status) ?? 0) + 1);
    },
  };
}

type LabelledValue = readonly [labels: Readonly<Record<string, string>>, value: number];

function exposeCounter(registry: Registry, name: string, help: string, values: () => readonly LabelledValue[]): void {
  const counter: Counter = new Counter({
    name,
    help,
    labelNames: Object.keys(values()[0]?.[0] ?? {}),
    registers: [registry],
    collect() {
      counter.reset();
      for (const [labels, value] of values()) counter.inc(labels, value);
    },
  });
}

function exposeCount(registry: Registry, name: string, help: string, value: () => number): void {
  exposeCounter(registry, name, help, () => [[{}, value()]]);
}

/** What payments and labels came to, however they came. */
export function exposeDecisions(registry: Registry, cells: Cells): void {
  exposeCounter(registry, 'sentinel_decisions_total', 'Decisions made, by outcome', () =>
    OUTCOMES.map((outcome) => [{ outcome }, cells.outcomes[outcome]]),
  );
  exposeCounter(registry, 'sentinel_labels_total', 'Labels recorded', () => [
    [{ label: 'fraud' }, cells.labels.fraud],
    [{ label: 'genuine' }, cells.labels.genuine],
  ]);
  const count = (name: string, help: string, value: () => number): void => exposeCount(registry, name, help, value);
  count('sentinel_cache_hits_total', 'Repeats answered with their first decision', () => cells.cacheHits);
  count('sentinel_fallbacks_total', 'Answers by the policy’s fallback', () => fallbacksOf(cells));
  count('sentinel_late_payments_total', 'Payments older than the lateness bound', () => cells.late);
  exposeHistogram(
    registry,
    'sentinel_fraud_score',
    'Calibrated probability of fraud, of decisions that have a score',
    () => [scoreSeries(cells)],
  );
  exposeHistogram(registry, 'sentinel_stage_seconds', 'Stages of one decision', () => [
    durationSeries(cells.features, { stage: 'features' }),
    durationSeries(cells.score, { stage: 'score' }),
  ]);
  const help = 'From asking the shared store for a payment’s claim and profiles to having them';
  exposeHistogram(registry, 'sentinel_profile_retrieval_seconds', help, () =>
    cells.retrieval.count === 0 ? [] : [cells.retrieval.series()],
  );
}

function exposeService(registry: Registry, cells: Cells): void {
  const count = (name: string, help: string, value: () => number): void => exposeCount(registry, name, help, value);
  count('sentinel_journal_commits_total', 'Group commits', () => cells.commits);
  count('sentinel_journal_records_total', 'Records committed', () => cells.committedRecords);
  count('sentinel_journal_bytes_total', 'Bytes committed', () => cells.committedBytes);
  exposeHistogram(registry, 'sentinel_journal_sync_seconds', 'Time of one fdatasync', () => [
    durationSeries(cells.sync),
  ]);
  exposeHistogram(registry, 'sentinel_http_request_seconds', 'Answered requests, by route', () =>
    [...cells.routes].map(([route, { durations }]) => durationSeries(durations, { route })),
  );
  const requests: Counter<'route' | 'status'> = new Counter({
    name: 'sentinel_http_requests_total',
    help: 'Answered requests, by route and status',
    labelNames: ['route', 'status'],
    registers: [registry],
    collect() {
      requests.reset();
      for (const [route, { statuses }] of cells.routes) {
        for (const [status, count] of statuses) requests.inc({ route, status: String(status) }, count);
      }
    },
  });
}

function scoreSeries(cells: Cells): HistogramSeries {
  let atMost = 0;
  const buckets = [...cells.scores].map((count, index) => ({
    bound: (index + 1) / SCORE_BUCKETS,
    atMost: (atMost += count),
  }));
  return { labels: {}, buckets, count: atMost, sum: cells.scoreSum };
}

function exposeSources(registry: Registry, sources: TelemetrySources): void {
  /** Of the journal's head: without a value while that is not known, since one that stands still looks like the truth. */
  const gauge = (name: string, help: string, valueAt: (head: JournalHead) => number): void => {
    const collect = (): void => {
      const head = sources.journalHead();
      if (head === undefined) metric.remove();
      else metric.set(valueAt(head));
    };
    const metric: Gauge = new Gauge({ name, help, registers: [registry], collect });
  };
  gauge('sentinel_journal_head_seq', 'Last committed place in the global order', ({ seq }) => seq);
  gauge('sentinel_journal_head_mac52', 'First 52 bits of the MAC of the last committed block', ({ mac }) =>
    Number(`0x${mac.slice(0, MAC_DIGITS) || '0'}`),
  );
  gauge('sentinel_ledger_lag_records', 'Records committed but not yet in the ledger', ({ seq }) =>
    Math.max(0, seq - sources.ledgerPosition()),
  );
  exposeModel(registry, sources.modelVersion);
}

export function exposeModel(registry: Registry, modelVersion: () => string | undefined): void {
  const model: Gauge<'version'> = new Gauge({
    name: 'sentinel_model_info',
    help: 'The model in service',
    labelNames: ['version'],
    registers: [registry],
    collect() {
      model.reset();
      const version = modelVersion();
      if (version !== undefined) model.set({ version }, 1);
    },
  });
}

/** Also gives Node's own figures: heap, garbage collection pauses, event-loop delay. Cost: about 0.1 µs a decision. */
export function createTelemetry(sources: TelemetrySources): PrometheusTelemetry {
  const registry = new Registry();
  const cells = createCells();
  collectDefaultMetrics({ register: registry, gcDurationBuckets: GC_BUCKETS });
  exposeDecisions(registry, cells);
  exposeService(registry, cells);
  exposeSources(registry, sources);
  return {
    ...countersOf(cells),
    metricsText: () => registry.metrics(),
  };
}
