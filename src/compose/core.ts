/** What the routes need of the state, wherever it is kept. */
import { type Config } from '../config.ts';
import { type EntityKind } from '../domain/entity.ts';
import { type FeatureEngine } from '../features/engine.ts';
import { type EntityProfile } from '../features/describe.ts';
import { type DecisionRecord } from '../journal/record.ts';
import { type LeaseCalls } from '../http/leased-limiter.ts';
import { type JournalHead } from '../ports/journal.ts';
import { type Log } from '../ports/log.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { type Champion } from '../usecases/judge.ts';
import { type ProjectionLag } from '../usecases/project-ledger.ts';
import { type RecordLabel } from '../usecases/record-label.ts';
import { type ScoreTransaction } from '../usecases/score-transaction.ts';
import { type Standing } from '../usecases/service-health.ts';
import { type LedgerView } from '../usecases/view-ledger.ts';
import { type ConfiguredLedger } from './ledger.ts';

/** Decisions kept in memory for lists and evidence, some 2 KB each, outside the collector’s reach. */
export const RECENT_DECISIONS = 20_000;

/** What a core is opened with. */
export interface CoreDeps {
  readonly config: Config;
  readonly log: Log;
  readonly artifact: ModelArtifact;
  readonly engine: FeatureEngine;
  readonly champion: Champion;
  readonly registry: ModelRegistry;
  readonly telemetry: Telemetry;
  /** Absent where none is kept. */
  readonly ledger: ConfiguredLedger | undefined;
}

export interface Core {
  readonly score: ScoreTransaction;
  readonly recordLabel: RecordLabel;
  findDecision(transactionId: string): Promise<DecisionRecord | undefined>;
  /** With what happened up to `atMs`. */
  profileOf(kind: EntityKind, id: string, atMs: number): Promise<EntityProfile | undefined>;
  /** The past, with what the ledger may not hold yet. */
  readonly view: LedgerView;
  /** The last record that is durable, as far as this instance knows. */
  head(): JournalHead;
  /** How far the ledger is behind. */
  lag(): ProjectionLag;
  /** False while nobody tells of head and lag: they are then as they were told last, if ever. */
  isFollowed(): boolean;
  /** False while payments or labels are neither in memory nor in the ledger yet, so that the view lacks them. */
  isPastWhole(): boolean;
  standing(): Standing;
  /** Takes calls of what instances may make together; absent where there is one. */
  readonly leaseCalls?: LeaseCalls;
  /** Key of the tokens that stand for card numbers. */
  readonly tokenKey: Uint8Array;
  /** Resolves when nothing can be recorded here any more: the process should end with an error and be started again. */
  readonly failed: Promise<Error>;
  /** Finishes what was begun; after the last request. The ledger stays open. */
  close(): Promise<void>;
}
