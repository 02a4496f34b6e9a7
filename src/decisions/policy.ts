/** The policy: one versioned value that says how a probability becomes a decision. */
import { type Costs, DEFAULT_COSTS } from '../domain/costs.ts';
import { type RateTable } from '../domain/money.ts';
import { type Outcome } from '../domain/outcome.ts';
import { type Lists, listsDocument } from './lists.ts';
import { DEFAULT_RATES } from './rates.ts';
import { type Rule } from './rule.ts';

/** Probabilities from which a payment is reviewed and blocked; 0 ≤ review < block ≤ 1. */
export interface Thresholds {
  readonly review: number;
  readonly block: number;
}

/** Other thresholds for the payments that meet a condition; the first segment that fits holds. */
export interface Segment {
  readonly id: string;
  readonly when: string;
  readonly thresholds: Thresholds;
}

export interface PolicyTerms {
  readonly rates: RateTable;
  readonly thresholds: Thresholds;
  readonly segments: readonly Segment[];
  readonly rules: readonly Rule[];
  readonly lists: Lists;
  /** Given when scoring fails or misses its deadline. */
  readonly fallback: Outcome;
  readonly costs: Costs;
  /** A reviewed payment raises an alert from this probability on; a blocked one always does. */
  readonly alertScore: number;
}

export interface Policy extends PolicyTerms {
  /** `p` and 12 hex digits of the hash of everything but the lists. */
  readonly version: string;
  /** `l` and 12 hex digits of the hash of the lists, which change far more often. */
  readonly listsVersion: string;
}

/** A cryptographic hash of a text as hex digits (the edge hands in SHA-256). */
export type HashText = (text: string) => string;

/** Reviews instead of approving when in doubt: the fallback is never a silent “not fraud”. */
export const DEFAULT_TERMS: PolicyTerms = {
  rates: DEFAULT_RATES,
  thresholds: { review: 0.5, block: 0.7 },
  segments: [],
  rules: [],
  lists: { allow: [], block: [] },
  fallback: 'review',
  costs: DEFAULT_COSTS,
  alertScore: 0.6,
};

const VERSION_DIGITS = 12;

/** Names `terms` by their content: equal terms, equal versions. */
export function createPolicy(terms: PolicyTerms, hashText: HashText): Policy {
  const { lists, ...others } = termsDocument(terms);
  return {
    ...terms,
    version: `p${hashText(JSON.stringify(others)).slice(0, VERSION_DIGITS)}`,
    listsVersion: `l${hashText(JSON.stringify(lists)).slice(0, VERSION_DIGITS)}`,
  };
}

/** The policy as plain JSON in one fixed order of keys; `readPolicy` makes the same policy of it, versions included. */
export function policyDocument(policy: Policy): Readonly<Record<string, unknown>> {
  return termsDocument(policy);
}

function termsDocument(terms: PolicyTerms): Readonly<Record<string, unknown>> {
  const { rates, thresholds, costs } = terms;
  return {
    base_currency: rates.base,
    rates: Object.fromEntries(Object.entries(rates.rates).sort(([a], [b]) => (a < b ? -1 : 1))),
    thresholds: thresholdsDocument(thresholds),
    segments: terms.segments.map((segment) => ({
      id: segment.id,
      when: segment.when,
      thresholds: thresholdsDocument(segment.thresholds),
    })),
    rules: terms.rules.map(({ id, when, outcome, shadow, reason }) => ({ id, when, outcome, shadow, reason })),
    lists: listsDocument(terms.lists),
    fallback: terms.fallback,
    costs: { chargeback_fee: costs.chargebackFee, review_cost: costs.reviewCost, churn_share: costs.churnShare },
    alert_score: terms.alertScore,
  };
}

function thresholdsDocument({ review, block }: Thresholds): Readonly<Record<string, number>> {
  return { review, block };
}
