/** What the processes that share a port and the one that started them say to each other. */
import { type Failure } from '../../adapters/system/failure.ts';
import { type Config } from '../../config.ts';

/** What a worker is given first. */
export interface WorkerOrder {
  readonly config: Config;
}

export type ToWorker =
  | { readonly kind: 'close' }
  /** Asks for its own figures. */
  | { readonly kind: 'own figures'; readonly id: number }
  | { readonly kind: 'all figures'; readonly id: number; readonly text: string };

export type FromWorker =
  | { readonly kind: 'ready'; readonly url: string; readonly modelVersion: string; readonly labelDelayMs: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'own figures'; readonly id: number; readonly text: string }
  /** Asks for the figures of all. */
  | { readonly kind: 'all figures'; readonly id: number };
