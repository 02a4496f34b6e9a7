/** The service's own figures since it started, kept as it runs. */
import { DDSketch } from '@datadog/sketches-js';
import { type Outcome } from '../domain/outcome.ts';
import { SECOND_MS } from '../domain/time.ts';
import { type Clock } from '../ports/clock.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { type MonitoringMetrics } from './monitoring-metrics.ts';

/** Relative error of latency quantiles. Source: C. Masson, J. E. Rim, H. K. Lee, DDSketch, VLDB 2019. */
const QUANTILE_ERROR = 0.01;

export interface ServiceFigures extends Telemetry {
  read(): Omit<MonitoringMetrics, 'ledgerLagRecords' | 'journalHeadSeq'>;
}

/** Routes whose requests count as scoring; a stream lasts as long as its client likes, which says nothing of answers. */
const isScoring = (route: string): boolean => route.includes('predict') && !route.endsWith('/stream');

export function createServiceFigures(clock: Clock): ServiceFigures {
  const sinceMs = clock.nowMs();
  const sinceUs = clock.monotonicUs();
  const outcomes: Record<Outcome, number> = { approve: 0, review: 0, block: 0 };
  const latency = new DDSketch({ relativeAccuracy: QUANTILE_ERROR });
  let decisions = 0;
  let scored = 0;
  let scoreSum = 0;
  let cacheHits = 0;
  let fallbacks = 0;
  let latePayments = 0;
  let second = Math.floor(sinceMs / SECOND_MS);
  let inThisSecond = 0;
  let inLastSecond = 0;

  const turnSecond = (): void => {
    const now = Math.floor(clock.nowMs() / SECOND_MS);
    if (now === second) return;
    inLastSecond = now === second + 1 ? inThisSecond : 0;
    inThisSecond = 0;
    second = now;
  };

  return {
    decision(outcome, probability) {
      turnSecond();
      inThisSecond++;
      decisions++;
      outcomes[outcome]++;
      if (probability === undefined) return;
      scored++;
      scoreSum += probability;
    },
    cacheHit: () => void cacheHits++,
    fallback: () => void fallbacks++,
    late: () => void latePayments++,
    label: () => undefined,
    retrieval: () => undefined,
    commit: () => undefined,
    request(route, _status, durationUs) {
      if (isScoring(route)) latency.accept(durationUs);
    },
    read() {
      turnSecond();
      const quantile = (q: number): number => (latency.count === 0 ? 0 : latency.getValueAtQuantile(q));
      const untilMs = clock.nowMs();
      const elapsedMs = Math.floor((clock.monotonicUs() - sinceUs) / 1_000);
      return {
        sinceMs: Math.min(sinceMs, untilMs - elapsedMs), // the clock may have been set back since
        untilMs,
        decisions,
        outcomes: { ...outcomes },
        fraudRate: decisions === 0 ? 0 : (outcomes.review + outcomes.block) / decisions,
        averageScore: scored === 0 ? 0 : scoreSum / scored,
        cacheHits,
        fallbacks,
        latePayments,
        latencyUs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
        ratePerSecond: inLastSecond,
      };
    },
  };
}

/** One telemetry that tells several. */
export function tellAll(listeners: readonly Telemetry[]): Telemetry {
  return {
    decision: (...told) => listeners.forEach((each) => each.decision(...told)),
    cacheHit: () => listeners.forEach((each) => each.cacheHit()),
    fallback: (cause) => listeners.forEach((each) => each.fallback(cause)),
    late: () => listeners.forEach((each) => each.late()),
    label: (isFraud) => listeners.forEach((each) => each.label(isFraud)),
    retrieval: (durationUs) => listeners.forEach((each) => each.retrieval(durationUs)),
    commit: (...told) => listeners.forEach((each) => each.commit(...told)),
    request: (...told) => listeners.forEach((each) => each.request(...told)),
  };
}
