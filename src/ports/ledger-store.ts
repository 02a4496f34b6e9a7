/** Tables projected from the journal, asked by people and pages; always rebuildable. */
import {
  type Breakdown,
  type BreakdownRow,
  type DecisionPage,
  type DecisionQuery,
  type DecisionRow,
  type EntityRange,
  type EntitySummary,
  type LabelRow,
  type PeriodStats,
  type SeriesPoint,
} from '../ledger/queries.ts';
import { type EntityKind } from '../domain/entity.ts';

/** All records of one source after one position up to another. */
export interface LedgerBatch {
  /** `JOURNAL_SOURCE`, or a partition of a topic: each has a position of its own. */
  readonly source: string;
  readonly after: number;
  readonly upTo: number;
  /** The records' bytes as journal/frame.ts writes them, the store's from then on; empty when only the position moves. */
  readonly frames: Uint8Array<ArrayBuffer>;
}

/** A record by what its frame begins with. */
export interface RecordMark {
  readonly seq: number;
  /** CRC-32 of the frame, as journal/frame.ts writes it. */
  readonly checksum: number;
}

export interface LedgerStore {
  /** Up to where a source is projected; 0 at first. Moves only in the transaction that writes the rows. */
  position(source: string): Promise<number>;
  /** The record that the position stands at; undefined at first, and where an older version of the program projected it. */
  lastRecord(source: string): Promise<RecordMark | undefined>;
  /**
   * Writes the rows of a batch and moves its source to `upTo`, all or nothing. A batch the position has passed changes
   * nothing; one that does not begin at the position is refused. Batches of several sources may be written at once; a
   * record that two of them hold counts once. Resolves to the milliseconds of processor that it took, where it waits for
   * nothing else; how long it took says little about that on a busy machine.
   */
  project(batch: LedgerBatch): Promise<number | undefined>;
  /** One page of decisions, newest first. */
  decisions(query: DecisionQuery): Promise<DecisionPage>;
  /** Payments of one entity, newest event first. */
  entityPayments(kind: EntityKind, id: string, range: EntityRange): Promise<readonly DecisionRow[]>;
  /** What is known of an entity; undefined when no payment named it. */
  entity(kind: EntityKind, id: string): Promise<EntitySummary | undefined>;
  labels(transactionId: string): Promise<readonly LabelRow[]>;
  /** Payments whose id begins with `idPrefix`, in the order of ids, at most `limit`. */
  search(idPrefix: string, limit: number): Promise<readonly DecisionRow[]>;
  /** Counts and money of decisions that arrived in [fromMs, toMs). */
  stats(fromMs: number, toMs: number): Promise<PeriodStats>;
  /** The same by steps of `stepMs`, a multiple of `SERIES_STEP_MS`, earliest first; steps without decisions left out. */
  series(fromMs: number, toMs: number, stepMs: number): Promise<readonly SeriesPoint[]>;
  /** The same by one dimension, in the order of its values. */
  breakdown(by: Breakdown, fromMs: number, toMs: number): Promise<readonly BreakdownRow[]>;
  /** Empties all projected tables and sets every position to 0. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export type LedgerState = 'starting' | 'connected' | 'disconnected';

/** A ledger that opens by itself while the service already scores. */
export interface RunningLedger {
  /** Until `ready`, and while the database is away, questions reject NOT_READY; what the projector calls waits or fails. */
  readonly store: LedgerStore;
  /**
   * Resolves when the database is open for the first time; `rebuilding` when a damaged one was thrown away and is empty
   * again. Rejects when it will not open, or is closed before.
   */
  readonly ready: Promise<{ readonly rebuilding: boolean }>;
  state(): LedgerState;
}
