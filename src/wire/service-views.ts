/** Figures about the service and its models, in the words of the API. */
import { toMajor } from '../domain/money.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type PeriodStats } from '../ledger/queries.ts';
import { type ModelEntry, type ModelStage } from '../ports/model-registry.ts';
import { type ModelInfo } from '../usecases/model-info.ts';
import { type MonitoringMetrics } from '../usecases/monitoring-metrics.ts';
import { type ReportedStats } from '../usecases/service-reports.ts';
import { OUTCOME_COUNTS } from './entity-view.ts';
import { integer, type JsonSchema, listOf, moment, named, number, objectSchema, text } from './schema.ts';

/** A model is kept in one stage at a time. */
const STAGES: readonly ModelStage[] = ['none', 'staging', 'production', 'archived'];
const METRICS: JsonSchema = {
  type: 'object',
  additionalProperties: { type: ['number', 'null'] },
  description: 'Metrics on the test period, by name',
};
const LATENCY: JsonSchema = objectSchema({ p50: number('Median'), p95: number('95 %'), p99: number('99 %') });

const milliseconds = (quantilesUs: PeriodStats['latencyUs']) => ({
  p50: quantilesUs.p50 / 1_000,
  p95: quantilesUs.p95 / 1_000,
  p99: quantilesUs.p99 / 1_000,
});

export function encodeStats(
  stats: ReportedStats,
  period: { readonly fromMs: number; readonly toMs: number },
  baseCurrency: string,
): string {
  return JSON.stringify({
    from: formatRfc3339(period.fromMs),
    to: formatRfc3339(period.toMs),
    decisions: stats.decisions,
    outcomes: stats.outcomes,
    amount_base: toMajor(stats.amountBaseMinor, baseCurrency),
    base_currency: baseCurrency,
    average_score: stats.averageScore,
    cache_hits: stats.cacheHits,
    labelled: stats.labelled,
    frauds: stats.frauds,
    frauds_caught: stats.fraudsCaught,
    fraud_amount_base: toMajor(stats.fraudAmountBaseMinor, baseCurrency),
    fraud_caught_amount_base: toMajor(stats.fraudCaughtAmountBaseMinor, baseCurrency),
    genuine_stopped: stats.genuineStopped,
    latency_ms: milliseconds(stats.latencyUs),
    ledger_lag_records: stats.ledgerLagRecords,
  });
}

export function encodeModelInfo(info: ModelInfo): string {
  return JSON.stringify({
    model_type: info.modelType,
    model_version: info.modelVersion,
    stage: info.stage,
    feature_count: info.features.length,
    training_metrics: info.trainingMetrics,
    last_updated: formatRfc3339(info.trainedMs),
    features: info.features,
    thresholds: info.thresholds,
    calibration: info.calibration,
  });
}

export function encodeModels(models: readonly ModelEntry[]): string {
  return JSON.stringify({
    models: models.map(({ version, stage, createdMs, metrics, problem }) => ({
      model_version: version,
      stage,
      created_at: formatRfc3339(createdMs),
      metrics,
      ...(problem !== undefined && { problem }),
    })),
  });
}

export function encodeMonitoringMetrics(metrics: MonitoringMetrics): string {
  return JSON.stringify({
    from: formatRfc3339(metrics.sinceMs),
    to: formatRfc3339(metrics.untilMs),
    total_predictions: metrics.decisions,
    outcomes: metrics.outcomes,
    fraud_rate: metrics.fraudRate,
    average_score: metrics.averageScore,
    cache_hits: metrics.cacheHits,
    fallbacks: metrics.fallbacks,
    late_payments: metrics.latePayments,
    latency_ms: milliseconds(metrics.latencyUs),
    rate_per_second: metrics.ratePerSecond,
    ledger_lag_records: metrics.ledgerLagRecords,
    journal_head_seq: metrics.journalHeadSeq,
  });
}

export const SERVICE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Stats: objectSchema({
    from: moment('Start of the period'),
    to: moment('End of the period, not included'),
    decisions: integer('Decisions made'),
    outcomes: OUTCOME_COUNTS,
    amount_base: number('Sum of all amounts in the base currency'),
    base_currency: text('ISO 4217 code'),
    average_score: number(
      'Mean fraud score of the decisions that have one, which those by the fallback have not; 0 while none has',
    ),
    cache_hits: integer('Repeats answered again'),
    labelled: integer('Decisions whose label has arrived; figures of fraud and of what is genuine cover only these'),
    frauds: integer('Labelled fraud'),
    frauds_caught: integer('Labelled fraud and reviewed or blocked'),
    fraud_amount_base: number('Money in labelled fraud'),
    fraud_caught_amount_base: number('Money in labelled fraud reviewed or blocked'),
    genuine_stopped: integer('Labelled genuine but reviewed or blocked'),
    latency_ms: { ...LATENCY, description: 'From features to decision, of the newest 10,000 decisions of the period' },
    ledger_lag_records: integer('Records of the journal that the ledger, and so these figures, did not cover yet'),
  }),
  ModelInfo: objectSchema({
    model_type: text('Learners and how they are joined'),
    model_version: text('Its version'),
    stage: { enum: STAGES, description: 'Where the registry has it' },
    feature_count: integer('How many features it may read'),
    training_metrics: METRICS,
    last_updated: moment('When it was trained'),
    features: listOf({ type: 'string' }, 'Names, in catalogue order, without those it was kept from'),
    thresholds: objectSchema(
      { review: number('Reviewed from this score'), block: number('Blocked from this score') },
      { description: 'In force; segments of the policy may have others' },
    ),
    calibration: objectSchema(
      {
        method: text('How probabilities were calibrated'),
        ece: number('Expected calibration error on the test period'),
        brier: number('Brier score on the test period'),
      },
      { description: 'How far probabilities can be taken at their word' },
    ),
  }),
  Models: objectSchema({ models: listOf(named('ModelEntry'), 'Newest first') }),
  ModelEntry: objectSchema(
    {
      model_version: text('Its version'),
      stage: { enum: STAGES, description: 'Where the registry has it' },
      created_at: moment('When it was registered'),
      metrics: METRICS,
      problem: text('Why it cannot be used, where its files are damaged; its metrics are then empty'),
    },
    { optional: ['problem'] },
  ),
  MonitoringMetrics: objectSchema({
    from: moment('Start of the period: when the service started'),
    to: moment('Now'),
    total_predictions: integer('Decisions made'),
    outcomes: OUTCOME_COUNTS,
    fraud_rate: number('Share of decisions other than approve; 0 while there are none'),
    average_score: number(
      'Mean fraud score of the decisions that have one, which those by the fallback have not; 0 while none has',
    ),
    cache_hits: integer('Repeats answered again'),
    fallbacks: integer('Answers by the policy’s fallback'),
    late_payments: integer('Payments older than the lateness bound'),
    latency_ms: {
      ...LATENCY,
      description: 'From request to answer, of the requests to score; a batch is one, streams are left out',
    },
    rate_per_second: number('Payments decided in the last full second, repeats left out'),
    ledger_lag_records: integer('Records not yet in the ledger; of several instances, as the one that leads told last'),
    journal_head_seq: integer('Last committed place; of several instances, as the one that leads told last'),
  }),
  Config: { type: 'object', additionalProperties: true, description: 'All settings by name; secrets are ***' },
};
