/** Journal records for tests: a test names only the fields that matter to it. */
import {
  type CacheHitRecord,
  type ChangeRecord,
  type DecisionRecord,
  type LabelRecord,
} from '../../src/journal/record.ts';
import { aTransaction } from './transactions.ts';

export function aDecisionRecord(overrides: Partial<DecisionRecord> = {}): DecisionRecord {
  const seq = overrides.seq ?? 1;
  const transaction = overrides.transaction ?? aTransaction({ transactionId: `t${seq}` });
  return {
    type: 'decision',
    seq,
    arrivalMs: transaction.eventTimeMs,
    transaction,
    amountBaseMinor: transaction.amountMinor,
    requestHash: '0123456789abcdef0123456789abcdef',
    versions: { model: 'v20260101_000000', policy: 'p1', lists: 'l1', tables: 0, catalogue: 'c1' },
    vector: Float64Array.of(25, Number.NaN, -0),
    margin: -2,
    probability: 0.125,
    baseMargin: -3,
    contributions: Float64Array.of(1.5, 0, -0.5),
    reasons: [{ feature: 0, text: 'a large amount' }],
    rules: [],
    outcome: 'approve',
    riskLevel: 'low',
    late: false,
    durations: { featuresUs: 3, scoreUs: 12, totalUs: 40 },
    ...overrides,
  };
}

export function aLabelRecord(
  seq: number,
  label: Partial<LabelRecord['label']> & { readonly transactionId: string },
): LabelRecord {
  const arrivalMs = label.arrivalMs ?? aTransaction().eventTimeMs + seq;
  return { type: 'label', seq, arrivalMs, label: { isFraud: true, source: 'analyst', arrivalMs, ...label } };
}

export function aCacheHitRecord(seq: number, decision: DecisionRecord): CacheHitRecord {
  return {
    type: 'cache_hit',
    seq,
    arrivalMs: decision.arrivalMs + 1,
    transactionId: decision.transaction.transactionId,
    decisionSeq: decision.seq,
  };
}

export function aChangeRecord(seq: number, overrides: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    type: 'change',
    seq,
    arrivalMs: aTransaction().eventTimeMs,
    subject: 'model',
    version: 'v20260101_000000',
    actor: 'ann',
    after: 'production',
    ...overrides,
  };
}
