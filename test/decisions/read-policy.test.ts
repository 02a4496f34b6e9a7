import { describe, expect, it } from 'vitest';
import { policyDocument } from '../../src/decisions/policy.ts';
import { readPolicy } from '../../src/decisions/read-policy.ts';
import { toBaseMinor } from '../../src/domain/money.ts';
import { aPolicy, sha256 } from '../support/policies.ts';

const aRule = { id: 'big', when: 'amount > 1000', outcome: 'review', reason: 'Large' };
const FULL = {
  base_currency: 'EUR',
  rates: { USD: 0.86, JPY: 0.0059 },
  thresholds: { review: 0.3, block: 0.6 },
  segments: [{ id: 'atm', when: 'merchant_category == "atm"', thresholds: { review: 0.2, block: 0.4 } }],
  rules: [aRule, { ...aRule, id: 'trial', outcome: 'block', shadow: true }],
  lists: {
    allow: [{ kind: 'user', id: 'u1', reason: 'Our own' }],
    block: [{ kind: 'card', id: 'c1', reason: 'Stolen', expires: '2026-12-31T00:00:00Z' }],
  },
  fallback: 'block',
  costs: { chargeback_fee: 25, review_cost: 10, churn_share: 0.2 },
  alert_score: 0.5,
};

describe('a policy', () => {
  it('takes what is given and keeps the default for the rest', () => {
    const policy = aPolicy(FULL);
    expect(policy).toMatchObject({
      rates: { base: 'EUR', rates: { USD: 0.86 } },
      thresholds: { review: 0.3, block: 0.6 },
      rules: [
        { id: 'big', shadow: false },
        { id: 'trial', shadow: true },
      ],
      lists: { block: [{ kind: 'card', id: 'c1', expiresMs: Date.UTC(2026, 11, 31) }] },
      fallback: 'block',
      costs: { chargebackFee: 25, reviewCost: 10, churnShare: 0.2 },
      alertScore: 0.5,
    });
    expect(aPolicy()).toMatchObject({
      rates: { base: 'USD' },
      thresholds: { review: 0.5, block: 0.7 },
      fallback: 'review',
      costs: { chargebackFee: 30, reviewCost: 12.5, churnShare: 0.15 },
    });
    expect(readPolicy(null, sha256)).toEqual(aPolicy());
    expect(aPolicy({ costs: { review_cost: 5 } }).costs).toEqual({
      chargebackFee: 30,
      reviewCost: 5,
      churnShare: 0.15,
    });
  });

  it('takes thresholds it does not name from those it is read over, and a segment takes them from the policy', () => {
    const model = { review: 0.2, block: 0.4 };
    expect(readPolicy({ rules: [aRule] }, sha256, model).thresholds).toEqual(model);
    expect(readPolicy({ thresholds: { block: 0.9 } }, sha256, model).thresholds).toEqual({ review: 0.2, block: 0.9 });
    const segment = { id: 's', when: 'amount > 1', thresholds: { review: 0.1 } };
    const { segments } = aPolicy({ thresholds: { review: 0.25, block: 0.35 }, segments: [segment] });
    expect(segments[0]!.thresholds).toEqual({ review: 0.1, block: 0.35 });
    expect(readPolicy({ segments: [segment] }, sha256, model).segments[0]!.thresholds).toEqual({
      review: 0.1,
      block: 0.4,
    });
  });

  it('keeps the default of a section that is left empty', () => {
    const empty = Object.fromEntries(Object.keys(FULL).map((section) => [section, null]));
    expect(readPolicy(empty, sha256)).toEqual(aPolicy());
  });

  it('is the same policy, versions included, when its document is read back', () => {
    const policy = aPolicy(FULL);
    const document: unknown = JSON.parse(JSON.stringify(policyDocument(policy)));
    expect(readPolicy(document, sha256)).toEqual(policy);
  });

  it('is named by its content: the order of keys does not count, every value does', () => {
    const { version, listsVersion } = aPolicy(FULL);
    expect(version).toMatch(/^p[0-9a-f]{12}$/);
    expect(listsVersion).toMatch(/^l[0-9a-f]{12}$/);
    const reordered = { ...Object.fromEntries(Object.entries(FULL).reverse()), rates: { JPY: 0.0059, USD: 0.86 } };
    expect(aPolicy(reordered).version).toBe(version);
    const changes: Readonly<Record<string, unknown>> = {
      base_currency: 'GBP',
      rates: { USD: 0.87, JPY: 0.0059 },
      thresholds: { review: 0.31, block: 0.6 },
      segments: [],
      rules: [aRule],
      fallback: 'approve',
      costs: { chargeback_fee: 25, review_cost: 10, churn_share: 0.3 },
      alert_score: 0.51,
    };
    const versions = Object.entries(changes).map(([key, value]) => aPolicy({ ...FULL, [key]: value }).version);
    expect(new Set([version, ...versions]).size).toBe(versions.length + 1);
  });

  it('names its lists apart, as they change often', () => {
    const before = aPolicy(FULL);
    const after = aPolicy({ ...FULL, lists: {} });
    expect(after.version).toBe(before.version);
    expect(after.listsVersion).not.toBe(before.listsVersion);
  });

  it('has a rate for the currencies most paid in', () => {
    const { rates } = aPolicy();
    expect(toBaseMinor(10_000, 'JPY', rates)).toBe(6_800);
    expect(toBaseMinor(1_000, 'KWD', rates)).toBe(327);
    expect(Object.keys(rates.rates).length).toBeGreaterThanOrEqual(35);
  });
});

describe('a policy that is wrong', () => {
  it.each<[unknown, string]>([
    ['text', 'Policy, as a whole: expected fields, got "text"'],
    [{ treshholds: {} }, 'treshholds: is not known; did you mean thresholds?'],
    [{ thresholds: { review: 0.7, block: 0.5 } }, 'thresholds: review (0.7) must be below block (0.5)'],
    [{ thresholds: { review: 0.7 } }, 'review (0.7) must be below block (0.7)'],
    [
      { thresholds: { review: 0.8 } },
      'thresholds: review (0.8) must be below block (0.7); block, not named here, as the model has it',
    ],
    [
      { segments: [{ id: 's', when: 'amount > 1', thresholds: { block: 0.4 } }] },
      'segments[0].thresholds: review (0.5) must be below block (0.4); review, not named here, as the policy has it',
    ],
    [{ thresholds: { block: 1.5 } }, 'thresholds.block: expected a number from 0 to 1, got 1.5'],
    [{ thresholds: { block: '0.5' } }, 'thresholds.block: expected a number from 0 to 1, got "0.5"'],
    [{ alert_score: NaN }, 'alert_score: expected a number from 0 to 1, got NaN'],
    [{ costs: { review_cost: -1 } }, 'costs.review_cost: expected a number of at least 0, got -1'],
    [{ fallback: 'maybe' }, 'fallback: expected one of approve, review, block, got "maybe"'],
    [{ base_currency: 'EUR' }, 'rates: needed, because the default rates are in USD and the base is EUR'],
    [{ base_currency: 'euro' }, 'base_currency: expected an ISO 4217 code'],
    [{ base_currency: 'JPY', rates: {} }, 'base_currency: JPY does not count in hundredths'],
    [{ rates: { EUR: 0 } }, 'rates.EUR: expected a number above 0, got 0'],
    [{ rates: { EUR: Infinity } }, 'rates.EUR: expected a number above 0, got Infinity'],
    [{ rates: { EUR: null } }, 'rates.EUR: expected a number above 0, got null'],
    [{ costs: { review_cost: Infinity } }, 'costs.review_cost: expected a number of at least 0, got Infinity'],
    [{ lists: { block: [{ kind: 'card', id: 4111111111111111, reason: 'r' }] } }, 'characters, got 411111******1111'],
    [{ rates: { euro: 1 } }, 'rates.euro: expected an ISO 4217 code'],
    [{ rates: { USD: 2 } }, 'rates.USD: the base currency is worth 1'],
    [{ rules: {} }, 'rules: expected a list, got {}'],
    [{ rules: [aRule, aRule] }, 'rules[1]: repeats rules[0] (big)'],
    [{ rules: [{ ...aRule, id: 'Big One' }] }, 'rules[0].id: expected an id of lower-case letters'],
    [{ rules: [{ ...aRule, when: 'amount >' }] }, 'rules[0].when, column 9: expected a name'],
    [{ rules: [{ ...aRule, when: 5 }] }, 'rules[0].when: expected a condition'],
    [{ rules: [{ ...aRule, outcome: 'deny' }] }, 'rules[0].outcome: expected one of approve, review, block, tag'],
    [{ rules: [{ ...aRule, shadow: 'yes' }] }, 'rules[0].shadow: expected true or false, got "yes"'],
    [{ rules: [{ id: 'x', when: 'amount > 1', outcome: 'tag' }] }, 'rules[0].reason: expected a text'],
    [
      { lists: { block: [{ kind: 'email', id: 'x', reason: 'r' }] } },
      'lists.block[0].kind: expected one of user, card',
    ],
    [{ lists: { block: [{ kind: 'user', id: 'x', reason: 'r', expires: 'soon' }] } }, 'lists.block[0].expires: expected a time'], // prettier-ignore
    [{ lists: { allow: [1, 2].map(() => ({ kind: 'user', id: 'x', reason: 'r' })) } }, 'lists.allow[1]: repeats lists.allow[0] (user x)'], // prettier-ignore
    [JSON.parse('{"__proto__": {"fallback": "approve"}}'), '__proto__: is not known'],
  ])('%j → %s', (value, message) => {
    expect(() => readPolicy(value, sha256)).toThrow(message);
  });
});
