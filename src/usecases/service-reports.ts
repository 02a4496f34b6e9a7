/** What the service says of itself: health, readiness, the model in service, its figures since the start. */
import { type Policy } from '../decisions/policy.ts';
import { SECOND_MS } from '../domain/time.ts';
import { type Clock } from '../ports/clock.ts';
import { type JournalHead } from '../ports/journal.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { type ModelInfo } from './model-info.ts';
import { type MonitoringMetrics } from './monitoring-metrics.ts';
import { type ProjectionLag } from './project-ledger.ts';
import { type ServiceFigures } from './service-figures.ts';
import { type Health, type PartStatus, type Readiness } from './service-health.ts';

/** A ledger further behind than this is reported as degraded. */
const LEDGER_LAG_LIMIT_MS = 60 * SECOND_MS;

export interface ServiceReportsDeps {
  readonly artifact: ModelArtifact;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly figures: ServiceFigures['read'];
  readonly head: () => JournalHead;
  readonly lag: () => ProjectionLag;
  /** Absent when the service keeps no ledger. */
  readonly isLedgerReady?: () => boolean;
  /** The journal takes nothing for now, for want of room. */
  readonly isFull: () => boolean;
  /** The journal takes nothing more. */
  readonly isPoisoned: () => boolean;
}

export interface ServiceReports {
  health(): Promise<Health>;
  readiness(): Promise<Readiness>;
  modelInfo(): Promise<ModelInfo>;
  monitoringMetrics(): Promise<MonitoringMetrics>;
}

export function createServiceReports(deps: ServiceReportsDeps): ServiceReports {
  const { artifact, policy, clock } = deps;
  const sinceMs = clock.nowMs();

  const ledgerStatus = (): PartStatus => {
    if (deps.isLedgerReady === undefined) return 'disabled';
    if (!deps.isLedgerReady()) return 'degraded';
    return deps.lag().ms > LEDGER_LAG_LIMIT_MS ? 'degraded' : 'connected';
  };

  return {
    async health() {
      const [database, broken, full] = [ledgerStatus(), deps.isPoisoned(), deps.isFull()];
      return {
        status: broken || full ? 'unhealthy' : database === 'degraded' ? 'degraded' : 'healthy',
        modelVersion: artifact.version,
        cache: 'connected', // the profiles are this process's own memory
        database,
        stream: broken ? 'disconnected' : full ? 'degraded' : 'connected',
        uptimeMs: clock.nowMs() - sinceMs,
        checkedMs: clock.nowMs(),
      };
    },
    async readiness() {
      const broken = deps.isPoisoned();
      if (broken) return { ready: false, reason: 'the journal cannot be written' };
      return deps.isFull() ? { ready: false, reason: 'the disk is full' } : { ready: true, reason: 'ready' };
    },
    async modelInfo() {
      return {
        modelType: artifact.modelType,
        modelVersion: artifact.version,
        stage: 'production', // only that stage is put in service
        trainingMetrics: artifact.metrics,
        trainedMs: artifact.provenance.createdMs,
        features: artifact.catalogue.features,
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
