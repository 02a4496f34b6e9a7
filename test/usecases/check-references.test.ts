import { describe, expect, it } from 'vitest';
import { createReferenceCheck } from '../../src/usecases/check-references.ts';
import { paymentReference } from '../../src/usecases/fold.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { aCacheHitRecord, aDecisionRecord, aLabelRecord } from '../support/journal-records.ts';

const problems = (records: readonly JournalRecord[]): unknown[] => {
  const check = createReferenceCheck();
  return records.map(check).filter((difference) => difference !== undefined);
};

const decision = aDecisionRecord({ seq: 1 });
const label = { ...aLabelRecord(3, { transactionId: 't1' }), payment: paymentReference(decision) };

describe('createReferenceCheck', () => {
  it('has nothing to say of a decision, its repeat, its label and a label that waits', () => {
    expect(problems([decision, aCacheHitRecord(2, decision), label, aLabelRecord(4, { transactionId: 't9' })])).toEqual(
      [],
    );
  });

  it('finds a payment that was decided twice', () => {
    expect(problems([decision, { ...decision, seq: 2 }])).toEqual([
      { seq: 2, transactionId: 't1', field: 'transaction_id', recorded: 'decided again', recomputed: 'once' },
    ]);
  });

  it('finds a repeat and a label that name another decision than their payment’s', () => {
    const hit = { ...aCacheHitRecord(2, decision), decisionSeq: 7 };
    const misbound = { ...label, payment: { ...label.payment, seq: 2 } };
    const wrong = { field: 'seq of the decision', transactionId: 't1', recomputed: '1' };
    expect(problems([decision, hit, misbound])).toEqual([
      { seq: 2, recorded: '7', ...wrong },
      { seq: 3, recorded: '2', ...wrong },
    ]);
  });

  it('finds a repeat before its decision', () => {
    const early = aCacheHitRecord(1, aDecisionRecord({ seq: 2 }));
    expect(problems([early])).toMatchObject([{ seq: 1, recomputed: 'not decided yet' }]);
  });

  it('asks nothing of decisions that lie before what is kept of the journal', () => {
    expect(problems([aDecisionRecord({ seq: 50 }), aCacheHitRecord(51, decision)])).toEqual([]);
  });
});
