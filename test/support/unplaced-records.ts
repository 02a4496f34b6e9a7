/** Journal records for tests, before they have a place. */
import { createHash } from 'node:crypto';
import { type DecisionRecord, type LabelRecord } from '../../src/journal/record.ts';
import { aTransaction, NOON_MS } from './transactions.ts';

type UnplacedDecision = Omit<DecisionRecord, 'seq'>;

/** The request hash that belongs to a text. */
export function aRequestHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

export function aDecision(overrides: Partial<UnplacedDecision> = {}): UnplacedDecision {
  const transaction = overrides.transaction ?? aTransaction();
  return {
    type: 'decision',
    arrivalMs: NOON_MS,
    transaction,
    amountBaseMinor: transaction.amountMinor,
    requestHash: aRequestHash(transaction.transactionId),
    versions: { model: 'v20260101_000000', policy: 'policy-1', lists: 'lists-0', tables: 0, catalogue: 'c0ffee' },
    vector: Float64Array.of(25, 3.25, 0, Number.NaN),
    margin: -3.5,
    probability: 0.029,
    contributions: Float64Array.of(0.5, -0.25, 0, 0.125),
    baseMargin: -3.875,
    reasons: [{ feature: 0, text: 'amount 25.00; usually 20.00' }],
    rules: [],
    outcome: 'approve',
    riskLevel: 'low',
    late: false,
    durations: { featuresUs: 12, scoreUs: 20, totalUs: 45.5 },
    ...overrides,
  };
}

/** The decision of a payment known by its id alone. */
export function aDecisionOf(transactionId: string, overrides: Partial<UnplacedDecision> = {}): UnplacedDecision {
  return aDecision({ transaction: aTransaction({ transactionId }), ...overrides });
}

export function aLabelRecord(overrides: Partial<Omit<LabelRecord, 'seq'>> = {}): Omit<LabelRecord, 'seq'> {
  return {
    type: 'label',
    arrivalMs: NOON_MS,
    label: { transactionId: 't1', isFraud: true, source: 'analyst', arrivalMs: NOON_MS },
    ...overrides,
  };
}
