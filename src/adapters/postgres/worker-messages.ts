/** What the service and the ledger's process say to each other. */
import { type LedgerBatch, type LedgerState, type LedgerStore } from '../../ports/ledger-store.ts';
import { type Failure } from '../system/failure.ts';
import { type Catalogue } from './explanation.ts';
import { type ServerSettings } from './open-server.ts';

export interface EmbeddedSettings {
  /** Where the database lives; in memory when absent. */
  readonly directory?: string;
  readonly catalogues: readonly Catalogue[];
}

export interface ServerLedgerSettings {
  readonly server: ServerSettings;
  readonly catalogues: readonly Catalogue[];
  /** Tries again for as long as it takes instead of giving up when the server cannot be opened. */
  readonly isPatient: boolean;
}

export type ReadMethod = Exclude<keyof LedgerStore, 'project' | 'close' | 'reset'>;

export type LedgerRequest =
  | { readonly id: number; readonly method: 'project'; readonly batch: LedgerBatch }
  | { readonly id: number; readonly method: 'reset' | 'close' }
  | { readonly id: number; readonly method: ReadMethod; readonly parameters: readonly unknown[] };

export type LedgerReply =
  | { readonly kind: 'opened'; readonly rebuilding: boolean }
  | { readonly kind: 'unopened'; readonly failure: Failure }
  | { readonly kind: 'state'; readonly state: LedgerState; readonly notice: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure };

/** Does what a request asks of `store`, the position of a batch aside. */
export function perform(store: LedgerStore, request: LedgerRequest): Promise<unknown> {
  if ('batch' in request) return store.project(request.batch);
  if (!('parameters' in request)) return store[request.method]();
  const method = store[request.method] as (...parameters: readonly unknown[]) => Promise<unknown>; // the line is typed
  return method(...request.parameters);
}
