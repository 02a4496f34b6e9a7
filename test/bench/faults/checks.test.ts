import { describe, expect, it } from 'vitest';
import { checkDeadLetters } from '../../../bench/faults/checks/check-dead-letters.ts';
import { checkAnswers, checkDecisions, checkMessages } from '../../../bench/faults/checks/check-decisions.ts';
import { checkLabels } from '../../../bench/faults/checks/check-labels.ts';
import { checkLedger } from '../../../bench/faults/checks/check-ledger.ts';
import { type ReadMessage } from '../../../bench/faults/readers/read-topic.ts';
import { type DecisionRecord, type LabelRecord } from '../../../src/journal/record.ts';
import { createDecisionEncoder } from '../../../src/wire/decision.ts';
import { aDecisionRecord } from '../../support/journal-records.ts';
import { aTransaction } from '../../support/transactions.ts';
import { aLabelRecord } from '../../support/unplaced-records.ts';

const NOTHING = { lost: 0, duplicated: 0, differing: 0 };
const encode = createDecisionEncoder([]);
const plain = (overrides: Partial<DecisionRecord> & { seq: number }): DecisionRecord =>
  aDecisionRecord({ reasons: [], ...overrides });
const [one, two] = [plain({ seq: 1 }), plain({ seq: 2 })];
const answerOf = (record: DecisionRecord, cached = false): { text: string } => ({ text: encode(record, cached) });
const messageOf = (record: DecisionRecord): { value: Buffer } => ({ value: Buffer.from(encode(record, false)) });
const byId = new Map([one, two].map((record) => [record.transaction.transactionId, record]));

describe('the count of decisions', () => {
  const [byHttp, byTopic] = [new Set(['t1']), new Set(['t1', 't2'])];

  it('finds nothing where each payment sent has one', () => {
    expect(checkDecisions([one, two], byHttp, byTopic)).toMatchObject({ counted: 2, ...NOTHING });
  });

  it('finds what has none, what has two, and what nobody sent', () => {
    expect(checkDecisions([one], byHttp, byTopic)).toMatchObject({ ...NOTHING, lost: 1 });
    expect(checkDecisions([one, two, { ...two, seq: 3 }], byHttp, byTopic)).toMatchObject({ ...NOTHING, duplicated: 1 }); // prettier-ignore
    expect(checkDecisions([one, two, plain({ seq: 3 })], byHttp, byTopic)).toMatchObject({ ...NOTHING, differing: 1 });
  });
});

describe('the comparison of answers', () => {
  it('takes a repeat, and other times, for the same answer', () => {
    const slower = { ...one, durations: { featuresUs: 1, scoreUs: 2, totalUs: 3_000 } };
    expect(checkAnswers([answerOf(slower), answerOf(one, true)], byId, encode)).toMatchObject({ counted: 2, ...NOTHING }); // prettier-ignore
  });

  it('finds another score, another outcome, and an answer that is not on record', () => {
    const others = [{ ...one, probability: 0.126 }, { ...one, outcome: 'block' as const }].map((record) => answerOf(record)); // prettier-ignore
    expect(checkAnswers(others, byId, encode)).toMatchObject({ ...NOTHING, differing: 2 });
    expect(checkAnswers([answerOf(plain({ seq: 3 }))], byId, encode)).toMatchObject({ ...NOTHING, lost: 1 });
  });
});

describe('the count of messages', () => {
  it('wants one for each decision it is given, and no other', () => {
    const check = (messages: readonly { value: Buffer }[]): object =>
      checkMessages('messages', messages, [one], encode);
    expect(check([messageOf(one)])).toMatchObject({ counted: 1, ...NOTHING });
    expect(check([])).toMatchObject({ ...NOTHING, lost: 1 });
    expect(check([messageOf(one), messageOf(one)])).toMatchObject({ ...NOTHING, duplicated: 1 });
    expect(check([messageOf(one), messageOf(two)])).toMatchObject({ ...NOTHING, differing: 1 });
    expect(check([messageOf({ ...one, probability: 0.5 })])).toMatchObject({ ...NOTHING, differing: 1 });
  });
});

describe('the count of labels', () => {
  const payment = { seq: 1, eventTimeMs: 0, amountBaseMinor: 1, entities: {}, merchantCategory: 'atm', blocked: false };
  const waiting: LabelRecord = {
    ...aLabelRecord({ label: { ...aLabelRecord().label, campaign: 'l1' } }),
    seq: 5,
  };
  const bound: LabelRecord = { ...waiting, seq: 6, payment };

  it('counts a label that waited when it is bound', () => {
    const sent = new Map([['l1', { least: 1, most: 1 }]]);
    expect(checkLabels([waiting, bound], sent)).toMatchObject({ counted: 1, ...NOTHING });
    expect(checkLabels([waiting], sent)).toMatchObject({ ...NOTHING, lost: 1 });
    expect(checkLabels([bound, bound], sent)).toMatchObject({ ...NOTHING, duplicated: 1 });
  });

  it('counts a label that waited when a later one of its source takes its place', () => {
    const later: LabelRecord = { ...waiting, seq: 6, label: { ...waiting.label, campaign: 'l2' } };
    const boundLater: LabelRecord = { ...later, seq: 7, payment };
    const sent = new Map(['l1', 'l2'].map((name) => [name, { least: 1, most: 1 }]));
    expect(checkLabels([waiting, later, boundLater], sent)).toMatchObject({ counted: 2, ...NOTHING });
    expect(checkLabels([later, boundLater], sent)).toMatchObject({ ...NOTHING, lost: 1 });
    expect(checkLabels([waiting, bound, later, boundLater], sent)).toMatchObject({ counted: 2, ...NOTHING });
  });

  it('lets a request that was repeated count as often as it was made', () => {
    const sent = new Map([['l1', { least: 1, most: 2 }]]);
    expect(checkLabels([bound, bound], sent)).toMatchObject(NOTHING);
    expect(checkLabels([bound], new Map())).toMatchObject({ ...NOTHING, differing: 1 });
  });
});

describe('the count of dead letters', () => {
  const headers: Readonly<Record<string, string>> = { 'source-topic': 'labels', 'source-partition': '2', 'source-offset': '7' }; // prettier-ignore
  const letter = (value: string): ReadMessage => ({
    partition: 0,
    offset: 0,
    timestampMs: 0,
    key: 'poison/x',
    value: Buffer.from(value),
    header: (name) => headers[name],
  });
  const poison = [{ place: 'labels:2:7', key: 'poison/x', value: Buffer.from('bad') }];

  it('wants each bad message once, byte for byte, and no good one', () => {
    expect(checkDeadLetters([letter('bad')], poison)).toMatchObject({ counted: 1, ...NOTHING });
    expect(checkDeadLetters([], poison)).toMatchObject({ ...NOTHING, lost: 1 });
    expect(checkDeadLetters([letter('bad'), letter('bad')], poison)).toMatchObject({ ...NOTHING, duplicated: 1 });
    expect(checkDeadLetters([letter('worse')], poison)).toMatchObject({ ...NOTHING, differing: 1 });
    expect(checkDeadLetters([letter('good')], [])).toMatchObject({ ...NOTHING, differing: 1 });
  });
});

describe('the comparison of the ledger', () => {
  const row = { seq: 1, transactionId: 't1', outcome: 'approve', probability: one.probability };
  const ledger = { decisions: [row], answers: 1, repeats: 0, labels: 0 };

  it('finds rows that are missing, doubled or other than the record', () => {
    expect(checkLedger(ledger, [one])).toMatchObject({ counted: 1, ...NOTHING });
    expect(checkLedger({ ...ledger, decisions: [], answers: 0 }, [one])).toMatchObject({ ...NOTHING, lost: 2 });
    expect(checkLedger({ ...ledger, decisions: [row, row], answers: 2 }, [one])).toMatchObject({ ...NOTHING, duplicated: 2 }); // prettier-ignore
    const other = { ...row, probability: one.probability + 2 ** -53 };
    expect(checkLedger({ ...ledger, decisions: [other] }, [one])).toMatchObject({ ...NOTHING, differing: 1 });
    const strange = { ...row, transactionId: aTransaction({ transactionId: 'nobody' }).transactionId };
    expect(checkLedger({ ...ledger, decisions: [row, strange], labels: 1 }, [one])).toMatchObject({ ...NOTHING, duplicated: 1, differing: 1 }); // prettier-ignore
  });
});
