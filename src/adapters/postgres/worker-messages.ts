/** What the service and the ledger's process say to each other. */
import { type LedgerStore } from '../../ports/ledger-store.ts';
import { type Failure } from '../system/failure.ts';
import { type Catalogue } from './explanation.ts';

export interface WorkerSettings {
  /** Where the database lives; in memory when absent. */
  readonly directory?: string;
  readonly catalogue: Catalogue;
}

export type ReadMethod = Exclude<keyof LedgerStore, 'project' | 'close' | 'reset'>;

export type LedgerRequest =
  | { readonly id: number; readonly method: 'project'; readonly frames: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly method: 'reset' | 'close' }
  | { readonly id: number; readonly method: ReadMethod; readonly parameters: readonly unknown[] };

export type LedgerReply =
  | { readonly kind: 'opened'; readonly rebuilding: boolean }
  | { readonly kind: 'unopened'; readonly failure: Failure }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure };
