/** What the service says of itself: health, readiness, the model in service, its figures since the start. */
import { type Policy } from '../decisions/policy.ts';
import { SECOND_MS } from '../domain/time.ts';
import { type PeriodStats } from '../ledger/queries.ts';
import { type Clock } from '../ports/clock.ts';
import { type JournalHead } from '../ports/journal.ts';
import { type LedgerState, type LedgerStore } from '../ports/ledger-store.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { type ModelInfo } from './model-info.ts';
import { type MonitoringMetrics } from './monitoring-metrics.ts';
import { type ProjectionLag } from './project-ledger.ts';
import { type ServiceFigures } from './service-figures.ts';
import { type Health, type PartStatus, type Readiness, type Standing } from './service-health.ts';

/** A ledger further behind than this is reported as degraded. */
export const LEDGER_LAG_LIMIT_MS = 60 * SECOND_MS;

/** A period's figures as the ledger has them. */
export interface ReportedStats extends PeriodStats {
  /** Records of the journal, of whatever period, that they do not cover yet. */
  readonly ledgerLagRecords: number;
}

export interface ServiceReportsDeps {
  readonly artifact: ModelArtifact;
  readonly registry: Pick<ModelRegistry, 'list'>;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly figures: ServiceFigures['read'];
  readonly head: () => JournalHead;
  readonly lag: () => ProjectionLag;
  readonly stats: LedgerStore['stats'];
  /** Absent when the service keeps no ledger. */
  readonly ledgerState?: () => LedgerState;
  readonly standing: () => Standing;
}

export interface ServiceReports {
  stats(fromMs: number, toMs: number): Promise<ReportedStats>;
  health(): Promise<Health>;
  readiness(): Promise<Readiness>;
  modelInfo(): Promise<ModelInfo>;
  monitoringMetrics(): Promise<MonitoringMetrics>;
}

export function createServiceReports(deps: ServiceReportsDeps): ServiceReports {
  const { artifact, policy, clock } = deps;
  const sinceUs = clock.monotonicUs();

  const ledgerStatus = (): PartStatus => {
    const state = deps.ledgerState?.();
    if (state === undefined) return 'disabled';
    if (state !== 'connected') return state === 'starting' ? 'degraded' : state;
    return deps.lag().ms > LEDGER_LAG_LIMIT_MS ? 'degraded' : 'connected';
  };

  return {
    async stats(fromMs, toMs) {
      const { records } = deps.lag(); // before, since what is missing then may come while the question is answered
      return { ...(await deps.stats(fromMs, toMs)), ledgerLagRecords: records };
    },
    async health() {
      const { cache, stream, refusal } = deps.standing();
      const database = ledgerStatus();
      const isImpaired = [cache, stream, database].some((part) => part === 'degraded' || part === 'disconnected');
      return {
        status: refusal !== undefined ? 'unhealthy' : isImpaired ? 'degraded' : 'healthy',
        modelVersion: artifact.version,
        cache,
        database,
        stream,
        uptimeMs: Math.round((clock.monotonicUs() - sinceUs) / 1_000),
        checkedMs: clock.nowMs(),
      };
    },
    async readiness() {
      const { refusal } = deps.standing();
      return refusal === undefined ? { ready: true, reason: 'ready' } : { ready: false, reason: refusal };
    },
    async modelInfo() {
      const unused = new Set(artifact.unusedFeatures);
      const models = await deps.registry.list(); // now: another model may have been promoted since the start
      return {
        modelType: artifact.modelType,
        modelVersion: artifact.version,
        stage: models.find(({ version }) => version === artifact.version)?.stage ?? 'none',
        trainingMetrics: artifact.metrics,
        trainedMs: artifact.provenance.createdMs,
        features: artifact.catalogue.features.filter((name) => !unused.has(name)),
        thresholds: policy.thresholds,
        calibration: {
          method: artifact.calibrator.toDocument().kind,
          ece: artifact.metrics['calibrationError'] ?? NaN,
          brier: artifact.metrics['brier'] ?? NaN,
        },
      };
    },
    async monitoringMetrics() {
      return {
        ...deps.figures(),
        ledgerLagRecords: deps.lag().records,
        journalHeadSeq: deps.head().seq,
      };
    },
  };
}
