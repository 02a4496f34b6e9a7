/** What is asked of the past: questions and answers as values. */
import { type EntityKind } from '../domain/entity.ts';
import { type Label } from '../domain/label.ts';
import { type Outcome, type RiskLevel } from '../domain/outcome.ts';
import { MINUTE_MS } from '../domain/time.ts';
import { type Transaction } from '../domain/transaction.ts';

/** A decision as the ledger holds it. */
export interface DecisionRow {
  readonly seq: number;
  readonly arrivalMs: number;
  readonly transaction: Transaction;
  readonly amountBaseMinor: number;
  readonly probability: number;
  /** False where the fallback was given instead of a score; `probability` is then 0. */
  readonly isScored: boolean;
  readonly outcome: Outcome;
  readonly riskLevel: RiskLevel;
  readonly rules: readonly string[];
  readonly modelVersion: string;
  readonly policyVersion: string;
  readonly totalUs: number;
  /** The label in force, absent while silent. */
  readonly isFraud?: boolean;
}

export interface DecisionQuery {
  readonly outcome?: Outcome;
  readonly entity?: { readonly kind: EntityKind; readonly id: string };
  /** Only decisions that arrived in [fromMs, toMs). */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Only scores that are shown, with four decimals, as this or more. */
  readonly minScore?: number;
  readonly isFraud?: boolean;
  /** Only decisions with a smaller seq: the cursor of the page before. */
  readonly beforeSeq?: number;
  /** 1..500. */
  readonly limit: number;
}

export interface DecisionPage {
  readonly rows: readonly DecisionRow[];
  /** Give it as `beforeSeq` to go on; absent on the last page. */
  readonly nextBeforeSeq?: number;
}

/** Payments with fromMs < event time ≤ toMs and seq < beforeSeq, newest first, at most `limit`. */
export interface EntityRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly beforeSeq: number;
  readonly limit: number;
}

export interface EntitySummary {
  readonly kind: EntityKind;
  readonly id: string;
  readonly payments: number;
  readonly amountBaseMinor: number;
  /** Event time of the earliest and the latest payment. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** The newest payment counted here. */
  readonly lastSeq: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly frauds: number;
}

export interface LabelRow extends Label {
  readonly seq: number;
  readonly inForce: boolean;
}

/** What decisions amount to; fraud figures cover only payments whose label has arrived. */
export interface Figures {
  readonly decisions: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly amountBaseMinor: number;
  /** Mean probability of the decisions that have a score; 0 where none has. */
  readonly averageScore: number;
  readonly labelled: number;
  readonly frauds: number;
  /** Frauds reviewed or blocked. */
  readonly fraudsCaught: number;
  readonly fraudAmountBaseMinor: number;
  readonly fraudCaughtAmountBaseMinor: number;
  readonly genuineStopped: number;
}

/** Decisions of one period. */
export interface PeriodStats extends Figures {
  readonly cacheHits: number;
  /** Of the newest `LATENCY_SAMPLE` decisions. */
  readonly latencyUs: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** So many decisions tell the 99th percentile, however long the period. */
export const LATENCY_SAMPLE = 10_000;

/** Figures of the decisions of one step of time; steps begin at multiples of their length since 1970. */
export interface SeriesPoint extends Figures {
  readonly startMs: number;
}

/** What figures are broken down by: the category of the merchant, the type of the card or of the device. */
export const BREAKDOWNS = ['category', 'card', 'device'] as const;
export type Breakdown = (typeof BREAKDOWNS)[number];

/** Figures of the decisions with one value; empty where payments name none. */
export interface BreakdownRow extends Figures {
  readonly value: string;
}

/** Steps of a series are multiples of this. */
export const SERIES_STEP_MS = 10 * MINUTE_MS;
