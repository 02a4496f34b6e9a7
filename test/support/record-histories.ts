/** Random histories of decisions, repeats, labels and changes at consecutive places. */
import fc from 'fast-check';
import { type Label, LABEL_SOURCES, labelInForce } from '../../src/domain/label.ts';
import { OUTCOMES } from '../../src/domain/outcome.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { type DecisionRecord, type JournalRecord } from '../../src/journal/record.ts';
import { aCacheHitRecord, aChangeRecord, aDecisionRecord, aLabelRecord } from './journal-records.ts';
import { NOON_MS, aTransaction } from './transactions.ts';

const steps = fc.record({
  kind: fc.constantFrom('decision', 'decision', 'decision', 'label', 'label', 'repeat', 'change' as const),
  user: fc.constantFrom('u1', 'u2'),
  merchant: fc.constantFrom('m1', 'm2'),
  card: fc.constantFrom(undefined, 'c1'),
  outcome: fc.constantFrom(...OUTCOMES),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
  isFallback: fc.boolean(),
  amount: fc.integer({ min: 1, max: 1_000_000 }),
  sinceMs: fc.integer({ min: 0, max: 40 * DAY_MS }),
  /** Which payment a label or a repeat speaks of; it may not have come yet. */
  about: fc.integer({ min: 1, max: 15 }),
  source: fc.constantFrom(...LABEL_SOURCES),
  isFraud: fc.boolean(),
});

export const recordHistories: fc.Arbitrary<readonly JournalRecord[]> = fc
  .array(steps, { minLength: 1, maxLength: 30 })
  .map((drawn) => {
    const decisions: DecisionRecord[] = [];
    const inForce = new Map<string, Label>();
    return drawn.map((step, index): JournalRecord => {
      const seq = index + 1;
      const earlier = decisions[step.about % Math.max(1, decisions.length)];
      if (step.kind === 'label') {
        const transactionId = `t${step.about}`;
        const { source, isFraud, sinceMs } = step;
        const record = aLabelRecord(seq, { transactionId, source, isFraud, arrivalMs: NOON_MS + sinceMs });
        const previous = inForce.get(transactionId);
        inForce.set(transactionId, labelInForce(previous, record.label));
        return previous === undefined ? record : { ...record, previous };
      }
      if (step.kind === 'repeat' && earlier !== undefined) return aCacheHitRecord(seq, earlier);
      if (step.kind === 'change') return aChangeRecord(seq, { version: `v${step.about}` });
      const transaction = aTransaction({
        transactionId: `t${seq}`,
        userId: step.user,
        merchantId: step.merchant,
        amountMinor: step.amount,
        eventTimeMs: NOON_MS + step.sinceMs,
        ...(step.card === undefined ? {} : { cardId: step.card }),
      });
      const decision = aDecisionRecord({
        seq,
        transaction,
        outcome: step.outcome,
        ...(step.isFallback ? { probability: 0, fallbackCause: 'deadline' } : { probability: step.probability }),
      });
      decisions.push(decision);
      return decision;
    });
  });
