/** Record format 1: what the journal holds, one record for everything that changes state. */
import { type Label, type PaymentReference } from '../domain/label.ts';
import { type Outcome, type RiskLevel } from '../domain/outcome.ts';
import { type Transaction } from '../domain/transaction.ts';

export const RECORD_FORMAT = 1;

/** The versions that made a decision; a replay uses exactly these. */
export interface PinnedVersions {
  readonly model: string;
  readonly policy: string;
  readonly lists: string;
  /** Version of the slow tables (category, country and device risk) in force. */
  readonly tables: number;
  /** Hash of the feature catalogue: the meaning of `vector`. */
  readonly catalogue: string;
}

/** Stages of one decision, microseconds, as measured; the only fields a replay does not reproduce. */
export interface StageDurations {
  readonly featuresUs: number;
  readonly scoreUs: number;
  readonly totalUs: number;
}

/** One of the strongest contributions; its value and size are `vector[feature]` and `contributions[feature]`. */
export interface RecordedReason {
  readonly feature: number;
  readonly text: string;
}

/** Where a payment lay in the topic of payments. */
export interface MessagePlace {
  readonly partition: number;
  readonly offset: number;
}

export interface DecisionRecord {
  readonly type: 'decision';
  readonly seq: number;
  readonly arrivalMs: number;
  readonly transaction: Transaction;
  readonly amountBaseMinor: number;
  /** First 128 bits of SHA-256 over the canonical JSON of the request before defaults, 32 hex digits. */
  readonly requestHash: string;
  readonly versions: PinnedVersions;
  /** Feature values in catalogue order, bit for bit; absent when scoring failed before they were complete. */
  readonly vector?: Float64Array;
  /** The stack's log-odds before calibration. */
  readonly margin: number;
  /** Calibrated probability of fraud, 0..1. */
  readonly probability: number;
  /** Shapley values in catalogue order, sum + baseMargin = margin; absent when computed on demand. */
  readonly contributions?: Float64Array;
  readonly baseMargin: number;
  readonly reasons: readonly RecordedReason[];
  /** Ids of the rules that fired, shadow rules marked by a leading `~`. */
  readonly rules: readonly string[];
  readonly outcome: Outcome;
  readonly riskLevel: RiskLevel;
  /** Why the policy's fallback was given instead of a score; absent on the normal path. */
  readonly fallbackCause?: string;
  /** The payment was older than the lateness bound and was scored at the bound. */
  readonly late: boolean;
  /** The message it came as; absent when it came by HTTP. */
  readonly message?: MessagePlace;
  readonly durations: StageDurations;
}

export interface LabelRecord {
  readonly type: 'label';
  readonly seq: number;
  readonly arrivalMs: number;
  readonly label: Label;
  /** The payment it speaks of; absent while that payment is unknown (it waits 30 days). */
  readonly payment?: PaymentReference;
  /** The label in force before, if any. */
  readonly previous?: Label;
  /** Names the message it came as; absent when it came by HTTP. */
  readonly message?: string;
}

/** A repeat of a payment already answered. */
export interface CacheHitRecord {
  readonly type: 'cache_hit';
  readonly seq: number;
  readonly arrivalMs: number;
  readonly transactionId: string;
  /** `seq` of the decision given again. */
  readonly decisionSeq: number;
}

/** Slow tables as published: category → smoothed fraud rate, and how many payments it rests on. */
export interface TablesRecord {
  readonly type: 'tables';
  readonly seq: number;
  readonly arrivalMs: number;
  readonly version: number;
  readonly tables: Readonly<
    Record<string, readonly { readonly key: string; readonly rate: number; readonly count: number }[]>
  >;
}

/** A change of what decides: a model promoted, a policy or a list put in force; or a training run that has ended. */
export interface ChangeRecord {
  readonly type: 'change';
  readonly seq: number;
  readonly arrivalMs: number;
  readonly subject: 'model' | 'policy' | 'lists' | 'key' | 'other' | 'run';
  readonly version: string;
  readonly actor: string;
  readonly before?: string;
  readonly after: string;
}

/** A label that waited 30 days for its payment, given up. */
export interface DeadLetterRecord {
  readonly type: 'dead_letter';
  readonly seq: number;
  readonly arrivalMs: number;
  readonly reason: string;
  readonly payload: string;
}

export type JournalRecord =
  DecisionRecord | LabelRecord | CacheHitRecord | TablesRecord | ChangeRecord | DeadLetterRecord;

/** A record before the journal has given it its place. */
export type Unplaced<R extends JournalRecord = JournalRecord> = R extends JournalRecord ? Omit<R, 'seq'> : never;

/** Gives a record its place in place: copying an object of twenty fields costs as much as encoding it. */
export function place<R extends JournalRecord>(record: Unplaced<R>, seq: number): R {
  return Object.assign(record, { seq }) as unknown as R; // it lacked only its seq
}
