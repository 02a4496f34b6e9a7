import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecider, type DecisionInput, type DecisionVerdict } from '../../src/decisions/decide.ts';
import { type Outcome, OUTCOMES } from '../../src/domain/outcome.ts';
import { aPolicy } from '../support/policies.ts';
import { aTransaction, NOON_MS } from '../support/transactions.ts';

const FEATURES = [{ name: 'user_txn_count_1h', kind: 'numeric' }] as const;

function anInput(overrides: Partial<DecisionInput> = {}): DecisionInput {
  return {
    transaction: aTransaction(),
    amountBaseMinor: 2_500,
    vector: Float64Array.of(6),
    probability: 0.1,
    arrivalMs: NOON_MS,
    ...overrides,
  };
}

function decide(policy: Readonly<Record<string, unknown>>, overrides: Partial<DecisionInput> = {}): DecisionVerdict {
  return createDecider(aPolicy(policy), FEATURES).decide(anInput(overrides));
}

const aRule = (id: string, outcome: string, when = 'amount > 0') => ({ id, when, outcome, reason: 'for the test' });
const onList = (kind: string, id: string, expires?: string) => ({
  kind,
  id,
  reason: 'known',
  ...(expires && { expires }),
});

describe('the score against the thresholds', () => {
  it.each([
    [0, 'approve', 'low'],
    [0.4999, 'approve', 'low'],
    [0.5, 'review', 'medium'],
    [0.6999, 'review', 'medium'],
    [0.7, 'block', 'high'],
    [1, 'block', 'high'],
  ])('%d → %s, risk %s', (probability, outcome, riskLevel) => {
    expect(decide({}, { probability })).toMatchObject({ outcome, riskLevel, rules: [] });
  });

  it.each([NaN, -0.1, 1.1, Infinity])('refuses %d, so that a broken model cannot approve', (probability) => {
    expect(() => decide({}, { probability })).toThrow(RangeError);
  });

  it('takes the thresholds of the first segment that fits', () => {
    const policy = {
      segments: [
        { id: 'small', when: 'amount < 10', thresholds: { review: 0.8, block: 0.9 } },
        { id: 'usual', when: 'amount < 100', thresholds: { review: 0.05, block: 0.2 } },
      ],
    };
    expect(decide(policy, { amountBaseMinor: 500 }).outcome).toBe('approve');
    expect(decide(policy, { amountBaseMinor: 5_000 })).toMatchObject({ outcome: 'review', riskLevel: 'medium' });
    expect(decide(policy, { amountBaseMinor: 50_000 }).outcome).toBe('approve');
  });
});

describe('precedence', () => {
  const block = [onList('user', 'u1')];
  it.each<[string, Readonly<Record<string, unknown>>, number, string, string]>([
    ['block list over allow list', { lists: { block, allow: block } }, 0, 'block', 'critical'],
    ['block rule over allow list', { rules: [aRule('r', 'block')], lists: { allow: block } }, 0, 'block', 'critical'],
    ['allow list over review rule', { rules: [aRule('r', 'review')], lists: { allow: block } }, 0, 'approve', 'low'],
    ['allow list over the score, which keeps its risk', { lists: { allow: block } }, 0.9, 'approve', 'high'],
    ['block rule over approve rule', { rules: [aRule('a', 'approve'), aRule('r', 'block')] }, 0, 'block', 'critical'],
    ['review rule over approve rule', { rules: [aRule('a', 'approve'), aRule('r', 'review')] }, 0, 'review', 'low'],
    ['review rule over a low score', { rules: [aRule('r', 'review')] }, 0.1, 'review', 'low'],
    ['a high score over review rule', { rules: [aRule('r', 'review')] }, 0.9, 'block', 'high'],
    ['approve rule over a high score', { rules: [aRule('r', 'approve')] }, 0.9, 'approve', 'high'],
    ['the score over a tag', { rules: [aRule('r', 'tag')] }, 0.6, 'review', 'medium'],
  ])('%s', (_, policy, probability, outcome, riskLevel) => {
    expect(decide(policy, { probability })).toMatchObject({ outcome, riskLevel });
  });

  it('does not depend on the order of the rules', () => {
    const ids = fc.subarray([...OUTCOMES], { minLength: 1 });
    fc.assert(
      fc.property(ids, fc.double({ min: 0, max: 1, noNaN: true }), (outcomes, probability) => {
        const rules = outcomes.map((outcome) => aRule(outcome, outcome));
        const forward = decide({ rules }, { probability });
        const backward = decide({ rules: rules.toReversed() }, { probability });
        expect({ ...backward, rules: backward.rules.toReversed() }).toEqual(forward);
      }),
    );
  });

  it('never lets a block rule or the block list be outvoted', () => {
    const rules = fc.array(fc.constantFrom<Outcome | 'tag'>('approve', 'review', 'block', 'tag'), { maxLength: 5 });
    fc.assert(
      fc.property(
        rules,
        fc.boolean(),
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (outcomes, blocked, allowed, probability) => {
          // prettier-ignore
          const verdict = decide(
          {
            rules: outcomes.map((outcome, index) => aRule(`r${index}`, outcome)),
            lists: { block: blocked ? block : [], allow: allowed ? block : [] },
          },
          { probability },
        );
          const stopped = blocked || outcomes.includes('block');
          expect(verdict.riskLevel === 'critical').toBe(stopped);
          if (stopped) expect(verdict.outcome).toBe('block');
          else if (allowed) expect(verdict.outcome).toBe('approve');
        },
      ),
    );
  });
});

describe('what fired', () => {
  it('is named in policy order, lists first, shadow rules marked', () => {
    const verdict = decide({
      rules: [
        aRule('many', 'tag', 'user_txn_count_1h >= 5'),
        aRule('huge', 'block', 'amount > 1000000'),
        { ...aRule('trial', 'block'), shadow: true },
      ],
      lists: { allow: [onList('merchant', 'm1')], block: [onList('card', 'c1')] },
    });
    expect(verdict).toMatchObject({
      outcome: 'approve',
      riskLevel: 'low',
      rules: ['allow-list:merchant', 'many', '~trial'],
    });
  });

  it.each([
    ['card', { cardId: 'x' }],
    ['device', { deviceId: 'x' }],
    ['ip', { ipAddress: 'x' }],
    ['user', { userId: 'x' }],
    ['merchant', { merchantId: 'x' }],
  ])('the block list stops a %s and nobody else of that name', (kind, fields) => {
    const policy = { lists: { block: [onList(kind, 'x')] } };
    expect(decide(policy, { transaction: aTransaction(fields) }).rules).toEqual([`block-list:${kind}`]);
    expect(decide(policy, { transaction: aTransaction({ emailDomain: 'x' }) }).outcome).toBe('approve');
  });

  it('an entry ends at its expiry', () => {
    const policy = { lists: { block: [onList('user', 'u1', '2026-01-15T12:00:00Z')] } };
    expect(decide(policy, { arrivalMs: NOON_MS - 1 }).outcome).toBe('block');
    expect(decide(policy, { arrivalMs: NOON_MS }).outcome).toBe('approve');
  });

  it('an alert is raised for a block, and for a review from the alert score on', () => {
    const policy = { alert_score: 0.65 };
    expect([0.1, 0.6, 0.65, 0.8].map((probability) => decide(policy, { probability }).alert)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe('when scoring failed', () => {
  const fallback = (policy: Readonly<Record<string, unknown>>): DecisionVerdict =>
    createDecider(aPolicy(policy), FEATURES).fallback(anInput());

  it('gives the policy’s fallback', () => {
    expect(fallback({})).toMatchObject({ outcome: 'review', riskLevel: 'medium', rules: [], alert: false });
    expect(fallback({ fallback: 'block' })).toMatchObject({ outcome: 'block', riskLevel: 'high', alert: true });
    expect(fallback({ fallback: 'approve' })).toMatchObject({ outcome: 'approve', riskLevel: 'low' });
  });

  it('still honours lists and rules that read the payment alone', () => {
    expect(fallback({ lists: { block: [onList('user', 'u1')] } })).toMatchObject({
      outcome: 'block',
      riskLevel: 'critical',
    });
    expect(fallback({ lists: { allow: [onList('user', 'u1')] } }).outcome).toBe('approve');
    expect(fallback({ rules: [aRule('r', 'block')] })).toMatchObject({ outcome: 'block', rules: ['r'] });
  });

  it('leaves out rules that read a feature or the score, and never approves by a rule', () => {
    expect(fallback({ rules: [aRule('r', 'block', 'not (user_txn_count_1h < 100)')] }).rules).toEqual([]);
    expect(fallback({ rules: [aRule('r', 'block', 'not (score < 0.5)')] }).rules).toEqual([]);
    expect(fallback({ rules: [aRule('r', 'approve')] })).toMatchObject({ outcome: 'review', rules: ['r'] });
  });
});

describe('a policy that does not fit the catalogue', () => {
  it('is refused with the place', () => {
    expect(() => decide({ rules: [aRule('r', 'block', 'user_txn_count_2h > 1')] })).toThrow(
      /rules\[0\]\.when, column 1: user_txn_count_2h .* did you mean user_txn_count_1h/,
    );
    const segments = [{ id: 's', when: 'nonsense > 1', thresholds: {} }];
    expect(() => decide({ segments })).toThrow('segments[0].when, column 1');
  });
});
