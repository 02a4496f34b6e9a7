/** What the HTTP edge needs of the program. */
import { type KeyRing } from '../access/keys.ts';
import { type Clock } from '../ports/clock.ts';
import { type ModelEntry } from '../ports/model-registry.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { type DescribeEntity } from '../usecases/describe-entity.ts';
import { type ExplainDecision } from '../usecases/explain-decision.ts';
import { type ListDecisions } from '../usecases/list-decisions.ts';
import { type ModelInfo } from '../usecases/model-info.ts';
import { type MonitoringMetrics } from '../usecases/monitoring-metrics.ts';
import { type LeaseCalls } from './leased-limiter.ts';
import { type RecordLabel } from '../usecases/record-label.ts';
import { type Health, type Readiness } from '../usecases/service-health.ts';
import { type ServiceReports } from '../usecases/service-reports.ts';
import { type AnswerPayment, type CatalogueNames } from '../wire/answer.ts';

export interface HttpLimits {
  /** Largest body of a single payment, a label request or any other, bytes. */
  readonly bodyBytes: number;
  /** How long the body of a payment or a batch may take to come, milliseconds. */
  readonly bodyMs: number;
  /** Largest batch body, bytes. */
  readonly batchBytes: number;
  /** Largest line of a stream, bytes. */
  readonly lineBytes: number;
  /** Payments and labels being worked on at once over all requests; more are refused with 503. */
  readonly maxInFlight: number;
  /** Payments of one stream being scored at once; reading waits beyond. */
  readonly streamWindow: number;
  /** Payments and other calls a second with one key; absent for no limit. */
  readonly requestsPerSecond?: number;
  /** How long requests in flight may still take when the server closes, milliseconds. */
  readonly closeMs: number;
  /** Origins of pages that may call the API; none by default. */
  readonly corsOrigins: readonly string[];
}

export const DEFAULT_LIMITS: HttpLimits = {
  bodyBytes: 64 * 1024,
  bodyMs: 30_000,
  batchBytes: 1024 * 1024,
  lineBytes: 64 * 1024,
  maxInFlight: 2_000,
  streamWindow: 256,
  closeMs: 5_000,
  corsOrigins: [],
};

/** What is told of a failure: the error under the name by which logs write it with its causes. */
export type FailureFields = Readonly<Record<string, unknown>> & { readonly error: unknown };

/** Where the edge tells what outsiders must not see. */
export interface ServerLog {
  error(fields: FailureFields, message: string): void;
}

/** Private key and certificate chain, PEM. */
export interface TlsFiles {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export interface ServerDeps {
  readonly answerPayment: AnswerPayment;
  readonly recordLabel: RecordLabel;
  readonly explainDecision: ExplainDecision;
  readonly listDecisions: ListDecisions;
  readonly stats: ServiceReports['stats'];
  readonly describeEntity: DescribeEntity;
  /** Undefined while no model is in service. */
  modelInfo(): Promise<ModelInfo | undefined>;
  models(): Promise<readonly ModelEntry[]>;
  health(): Promise<Health>;
  readiness(): Promise<Readiness>;
  /** Prometheus text format 0.0.4. */
  metricsText(): Promise<string>;
  monitoringMetrics(): Promise<MonitoringMetrics>;
  /** All settings, secrets already `***`. */
  config(): Readonly<Record<string, unknown>>;
  /** Those by which decisions were made. */
  readonly catalogues: readonly CatalogueNames[];
  /** ISO 4217 code of the policy's base currency. */
  readonly baseCurrency: string;
  /** A keyed token in the place of a card number. */
  readonly tokenise: (pan: string) => string;
  /** First 128 bits of SHA-256, 32 hex digits. */
  readonly hash: (canonical: string) => string;
  readonly limits: HttpLimits;
  /** Present where instances share the limit of calls a second. */
  readonly leaseCalls?: LeaseCalls;
  /** Serves HTTPS when given. */
  readonly tls?: TlsFiles;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'request'>;
  readonly log: ServerLog;
}
