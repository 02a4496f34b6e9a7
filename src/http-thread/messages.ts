/** What the HTTP thread and the scoring thread say to each other beside payments. */
import { type KeyEntry } from '../access/keys.ts';
import { type Failure } from '../adapters/system/failure.ts';
import { type HttpLimits, type ServerDeps, type TlsFiles } from '../http/server-deps.ts';

/** What the HTTP thread asks of the scoring thread; every parameter and result can be copied. */
export type HttpCalls = Pick<
  ServerDeps,
  'recordLabel' | 'explainDecision' | 'listDecisions' | 'describeEntity' | 'stats' | 'modelInfo' | 'models' | 'health' | 'readiness' | 'metricsText' | 'monitoringMetrics' | 'leaseCalls' // prettier-ignore
>;

export type CallName = keyof HttpCalls;

/** A server to open; one at a time. */
export interface ServerOrder extends Pick<ServerDeps, 'catalogues' | 'baseCurrency'> {
  readonly host: string;
  readonly port: number;
  /** An inherited socket to listen on, bound to host and port. */
  readonly fd?: number;
  readonly limits: HttpLimits;
  /** Whether calls a second are counted for all instances together, by `leaseCalls`. */
  readonly sharesLimits: boolean;
  readonly keys: readonly KeyEntry[];
  readonly tls?: TlsFiles;
  /** All settings, secrets already `***`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Key of the tokens that stand for card numbers. */
  readonly tokenKey: Uint8Array;
}

/** One answered request. */
export type RequestFigures = readonly [route: string, status: number, durationUs: number];

export type FromScoring =
  | { readonly kind: 'open'; readonly order: ServerOrder }
  | { readonly kind: 'close' }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure };

export type FromHttp =
  | { readonly kind: 'opened'; readonly url: string }
  | { readonly kind: 'unopened'; readonly failure: Failure }
  | { readonly kind: 'closed' }
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly parameters: readonly unknown[] }
  | { readonly kind: 'requests'; readonly figures: readonly RequestFigures[] }
  | {
      readonly kind: 'log';
      readonly fields: Readonly<Record<string, unknown>>;
      readonly failure: Failure;
      readonly message: string;
    };
