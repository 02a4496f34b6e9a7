/** What the program counts and times about itself; every call is cheap enough for the scoring path. */
import { type Outcome } from '../domain/outcome.ts';

export interface Telemetry {
  /** `probability` is undefined where the fallback was given instead of a score. */
  decision(
    outcome: Outcome,
    probability: number | undefined,
    durations: { readonly featuresUs: number; readonly scoreUs: number },
  ): void;
  cacheHit(): void;
  fallback(cause: string): void;
  late(): void;
  label(isFraud: boolean): void;
  /** From asking the shared store for a new payment’s claim and profiles to having them; an instance alone asks nobody. */
  retrieval(durationUs: number): void;
  /** One group commit: how many records and bytes, and how long fdatasync took. */
  commit(records: number, bytes: number, syncUs: number): void;
  /** One answered HTTP request. */
  request(route: string, status: number, durationUs: number): void;
}
