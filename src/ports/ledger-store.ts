/** Tables projected from the journal, asked by people and pages; always rebuildable. */
import {
  type DecisionPage,
  type DecisionQuery,
  type DecisionRow,
  type EntityRange,
  type EntitySummary,
  type LabelRow,
  type PeriodStats,
} from '../ledger/queries.ts';
import { type EntityKind } from '../domain/entity.ts';

export interface LedgerStore {
  /** `seq` of the last record projected; 0 when empty. Moves only in the transaction that writes the rows. */
  position(): Promise<number>;
  /**
   * Writes the rows of consecutive records after `position()` and moves it, all or nothing; older records are skipped.
   * `frames` are the records' bytes as journal/frame.ts writes them, the store's from then on.
   */
  project(frames: Uint8Array<ArrayBuffer>): Promise<void>;
  /** One page of decisions, newest first. */
  decisions(query: DecisionQuery): Promise<DecisionPage>;
  /** Payments of one entity, newest event first. */
  entityPayments(kind: EntityKind, id: string, range: EntityRange): Promise<readonly DecisionRow[]>;
  /** What is known of an entity; undefined when no payment named it. */
  entity(kind: EntityKind, id: string): Promise<EntitySummary | undefined>;
  labels(transactionId: string): Promise<readonly LabelRow[]>;
  /** Counts and money of decisions that arrived in [fromMs, toMs). */
  stats(fromMs: number, toMs: number): Promise<PeriodStats>;
  /** Empties all projected tables and sets the position to 0. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
