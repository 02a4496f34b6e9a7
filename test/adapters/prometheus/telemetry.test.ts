/** What Prometheus reads: the counts and times that were given, and the state of the program at the scrape. */
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../../src/adapters/prometheus/telemetry.ts';

function aTelemetry() {
  const state = {
    seq: 12,
    mac: '00000000000ff0123456',
    position: 10,
    isFollowed: true,
    model: 'v1' as string | undefined,
  };
  const telemetry = createTelemetry({
    journalHead: () => (state.isFollowed ? state : undefined),
    ledgerPosition: () => state.position,
    modelVersion: () => state.model,
  });
  return { state, telemetry };
}

async function scrape(telemetry: ReturnType<typeof aTelemetry>['telemetry']): Promise<Map<string, number>> {
  const lines = (await telemetry.metricsText()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('createTelemetry', () => {
  it('counts decisions by outcome, score and stage', async () => {
    const { telemetry } = aTelemetry();
    telemetry.decision('approve', 0.03, { featuresUs: 10, scoreUs: 20 });
    telemetry.decision('block', 1, { featuresUs: 100, scoreUs: 2_000 });
    const metrics = await scrape(telemetry);
    expect(metrics.get('sentinel_decisions_total{outcome="approve"}')).toBe(1);
    expect(metrics.get('sentinel_decisions_total{outcome="review"}')).toBe(0);
    expect(metrics.get('sentinel_decisions_total{outcome="block"}')).toBe(1);
    expect(metrics.get('sentinel_fraud_score_bucket{le="0.05"}')).toBe(1);
    expect(metrics.get('sentinel_fraud_score_bucket{le="0.95"}')).toBe(1);
    expect(metrics.get('sentinel_fraud_score_bucket{le="1"}')).toBe(2);
    expect(metrics.get('sentinel_fraud_score_sum')).toBe(1.03);
    expect(metrics.get('sentinel_stage_seconds_bucket{stage="score",le="0.001024"}')).toBe(1);
    expect(metrics.get('sentinel_stage_seconds_bucket{stage="score",le="0.002048"}')).toBe(2);
    expect(metrics.get('sentinel_stage_seconds_sum{stage="features"}')).toBeCloseTo(0.00011, 12);
    expect(metrics.get('sentinel_stage_seconds_count{stage="features"}')).toBe(2);
  });

  it('leaves decisions without a score out of the scores', async () => {
    const { telemetry } = aTelemetry();
    telemetry.decision('approve', 0.5, { featuresUs: 10, scoreUs: 20 });
    telemetry.decision('review', undefined, { featuresUs: 10, scoreUs: 20 });
    const metrics = await scrape(telemetry);
    expect(metrics.get('sentinel_decisions_total{outcome="review"}')).toBe(1);
    expect(metrics.get('sentinel_fraud_score_bucket{le="0.05"}')).toBe(0);
    expect(metrics.get('sentinel_fraud_score_count')).toBe(1);
  });

  it('counts repeats, fallbacks, late payments, labels and commits', async () => {
    const { telemetry } = aTelemetry();
    telemetry.cacheHit();
    telemetry.fallback('deadline');
    telemetry.fallback('model');
    telemetry.late();
    telemetry.label(true);
    telemetry.commit(5, 900, 250);
    const metrics = await scrape(telemetry);
    expect(metrics.get('sentinel_cache_hits_total')).toBe(1);
    expect(metrics.get('sentinel_fallbacks_total')).toBe(2);
    expect(metrics.get('sentinel_late_payments_total')).toBe(1);
    expect(metrics.get('sentinel_labels_total{label="fraud"}')).toBe(1);
    expect(metrics.get('sentinel_journal_records_total')).toBe(5);
    expect(metrics.get('sentinel_journal_bytes_total')).toBe(900);
    expect(metrics.get('sentinel_journal_sync_seconds_bucket{le="0.000256"}')).toBe(1);
  });

  it('times the retrieval of profiles where they are asked for, and is silent of it elsewhere', async () => {
    const { telemetry } = aTelemetry();
    const name = 'sentinel_profile_retrieval_seconds';
    const samples = async (): Promise<string[]> => [...(await scrape(telemetry)).keys()].filter((key) => key.startsWith(name)); // prettier-ignore
    expect(await samples()).toEqual([]);
    telemetry.retrieval(2_600);
    const metrics = await scrape(telemetry);
    expect(metrics.get(`${name}_bucket{le="0.0025"}`)).toBe(0);
    expect(metrics.get(`${name}_bucket{le="0.003"}`)).toBe(1);
    expect(metrics.get(`${name}_bucket{le="+Inf"}`)).toBe(1);
    expect(metrics.get(`${name}_sum`)).toBe(0.0026);
  });

  it('counts requests by route and status, and again at the next scrape', async () => {
    const { telemetry } = aTelemetry();
    telemetry.request('/api/v1/predict', 200, 400);
    expect((await scrape(telemetry)).get('sentinel_http_requests_total{route="/api/v1/predict",status="200"}')).toBe(1);
    telemetry.request('/api/v1/predict', 200, 400);
    telemetry.request('/api/v1/predict', 422, 90);
    const metrics = await scrape(telemetry);
    expect(metrics.get('sentinel_http_requests_total{route="/api/v1/predict",status="200"}')).toBe(2);
    expect(metrics.get('sentinel_http_requests_total{route="/api/v1/predict",status="422"}')).toBe(1);
    expect(metrics.get('sentinel_http_request_seconds_count{route="/api/v1/predict"}')).toBe(3);
  });

  it('shows the state of the program at the scrape', async () => {
    const { telemetry, state } = aTelemetry();
    expect((await scrape(telemetry)).get('sentinel_ledger_lag_records')).toBe(2);
    state.position = 12;
    state.model = 'v2';
    const metrics = await scrape(telemetry);
    expect(metrics.get('sentinel_ledger_lag_records')).toBe(0);
    expect(metrics.get('sentinel_journal_head_seq')).toBe(12);
    expect(metrics.get('sentinel_journal_head_mac52')).toBe(0xff);
    expect(metrics.get('sentinel_model_info{version="v2"}')).toBe(1);
    expect(metrics.has('sentinel_model_info{version="v1"}')).toBe(false);
    expect(metrics.has('nodejs_eventloop_lag_seconds')).toBe(true);
    expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('says nothing of head and lag while they are not known', async () => {
    const { telemetry, state } = aTelemetry();
    const names = ['sentinel_journal_head_seq', 'sentinel_journal_head_mac52', 'sentinel_ledger_lag_records'];
    const shown = async (): Promise<string[]> => {
      const metrics = await scrape(telemetry);
      return names.filter((name) => metrics.has(name));
    };
    expect(await shown()).toEqual(names);
    state.isFollowed = false;
    expect(await shown()).toEqual([]);
    state.isFollowed = true;
    expect(await shown()).toEqual(names);
  });
});
