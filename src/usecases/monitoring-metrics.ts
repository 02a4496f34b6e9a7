/** The service's own figures since it started, at one glance. */
import { type Outcome } from '../domain/outcome.ts';

export interface LatencyQuantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface MonitoringMetrics {
  /** Start of the period, epoch milliseconds. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly decisions: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Share of decisions other than approve, 0..1. */
  readonly fraudRate: number;
  /** Of the decisions that have a score; 0 where none has. */
  readonly averageScore: number;
  readonly cacheHits: number;
  readonly fallbacks: number;
  readonly latePayments: number;
  /** End to end, from the request read to the answer sent, microseconds; without streams. */
  readonly latencyUs: LatencyQuantiles;
  /** Payments decided in the last full second, repeats left out. */
  readonly ratePerSecond: number;
  /** Records committed but not yet in the ledger. */
  readonly ledgerLagRecords: number;
  readonly journalHeadSeq: number;
}
