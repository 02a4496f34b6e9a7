import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../../src/decisions/expression/compile.ts';
import { type RuleInput, symbolTable } from '../../../src/decisions/expression/symbols.ts';
import { aTransaction } from '../../support/transactions.ts';

const FEATURES = [
  { name: 'user_txn_count_1h', kind: 'numeric' },
  { name: 'user_avg_amount_7d', kind: 'numeric' },
  { name: 'merchant_category', kind: 'category' },
  { name: 'email_vendor', kind: 'category' },
] as const;
const SYMBOLS = symbolTable(FEATURES, 2);

function anInput(overrides: Partial<RuleInput> = {}): RuleInput {
  return {
    transaction: aTransaction({ merchantCategory: 'atm' }),
    amountBaseMinor: 120_000,
    vector: Float64Array.of(6, NaN, 77, 78),
    probability: 0.4,
    ...overrides,
  };
}
const compile = (text: string) => compileCondition({ text, place: 'when' }, SYMBOLS);
const holds = (text: string, input = anInput()): boolean => compile(text).holds(input);

describe('a condition', () => {
  it.each([
    ['amount > 1000 and user_txn_count_1h >= 5', true],
    ['amount > 1200 or score >= 0.5', false],
    ['merchant_category in ("atm", "travel")', true],
    ['merchant_category not in ("atm", "travel")', false],
    ['merchant_category != "grocery"', true],
    ['user_txn_count_1h * 2 - 1 == 11', true],
    ['amount / user_txn_count_1h == 200', true],
    ['-amount < -1000', true],
    ['user_txn_count_1h in (5, 6)', true],
    ['max(amount, 2000) == 2000 and min(amount, 3) == 3 and abs(-2) == 2 and floor(2.9) == 2', true],
    ['starts_with(user_id, "u") and ends_with(user_id, "1") and contains(user_id, "u1")', true],
    ['length(user_id) == 2 and lower(currency) == "usd"', true],
    ['not (amount > 1000)', false],
  ])('%s → %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it.each([
    'user_avg_amount_7d > 0',
    'user_avg_amount_7d <= 0',
    'user_avg_amount_7d == user_avg_amount_7d',
    'user_avg_amount_7d != 5',
    'user_avg_amount_7d in (1)',
    'user_avg_amount_7d not in (1)',
    'user_avg_amount_7d + 1 > 0',
    'amount / (user_txn_count_1h - 6) > 0',
    'max(user_avg_amount_7d, 1) >= 1',
    'latitude < 90',
    'card_type == "visa"',
    'card_type != "visa"',
    'card_type not in ("visa")',
    'starts_with(card_type, "v")',
    'lower(card_type) == "visa"',
  ])('is false when what it compares is missing: %s', (text) => {
    expect(holds(text)).toBe(false);
    expect(holds(`not (${text})`)).toBe(true);
  });

  it('tests for the missing itself', () => {
    expect(holds('card_type is missing and user_avg_amount_7d is missing')).toBe(true);
    expect(holds('user_txn_count_1h is not missing and user_id is not missing')).toBe(true);
    expect(holds('user_txn_count_1h is missing or user_avg_amount_7d is not missing')).toBe(false);
  });

  it('reads a payment’s own field before a feature of the same name', () => {
    expect(holds('merchant_category == "atm"')).toBe(true);
  });

  it('reads where the payment was made', () => {
    const vienna = anInput({ transaction: aTransaction({ latitude: 48.2, longitude: 16.4 }) });
    expect(holds('latitude > 48 and latitude < 49 and longitude > 16 and longitude < 17', vienna)).toBe(true);
  });

  it('counts the amount in the base currency, whatever the payment’s', () => {
    const yen = anInput({
      transaction: aTransaction({ currency: 'JPY', amountMinor: 150_000 }),
      amountBaseMinor: 95_000,
    });
    expect(holds('amount == 950', yen)).toBe(true);
    const inYen = compileCondition({ text: 'amount == 95000', place: 'when' }, symbolTable(FEATURES, 0));
    expect(inYen.holds(yen)).toBe(true);
  });

  it('knows whether it needs features or the score', () => {
    expect(compile('amount > 5 and card_type is missing').scored).toBe(false);
    expect(compile('amount > 5 and user_txn_count_1h > 1').scored).toBe(true);
    expect(compile('not (score > 0.5)').scored).toBe(true);
  });

  it.each([
    ['amuont > 5', 'column 1', 'did you mean amount?'],
    ['amount > 5 and zzz == 1', 'column 16', 'zzz is no field of a payment and no feature'],
    ['amount', 'column 1', 'compare it, for instance amount >= 1'],
    ['card_type', 'column 1', 'card_type == "…"'],
    ['amount == "5"', 'column 11', 'this is a text, a number is needed'],
    ['card_type == 5', 'column 14', 'this is a number, a text is needed'],
    ['card_type > "a"', 'column 11', 'texts compare by == and !='],
    ['card_type + 1 > 2', 'column 1', 'a number is needed'],
    ['(amount > 5) > 1', 'column 9', 'this is a condition'],
    ['amount in (1, "x")', 'column 15', 'a number is needed'],
    ['email_vendor == "x"', 'column 1', 'a category that only the model reads'],
    ['sqrt(amount) > 2', 'column 1', 'there is no function sqrt, only abs'],
    ['constructor(amount) > 2', 'column 1', 'there is no function constructor'],
    ['__proto__ == 1', 'column 1', 'no field of a payment'],
    ['max(amount) > 2', 'column 1', 'max takes 2 (number, number)'],
    ['length(amount) > 2', 'column 8', 'a text is needed'],
    ['not amount', 'column 5', 'a condition is needed'],
  ])('refuses %s at %s', (text, column, problem) => {
    expect(() => compile(text)).toThrow(`when, ${column}: `);
    expect(() => compile(text)).toThrow(problem);
  });
});

/** Arithmetic and logic as JavaScript computes them, over present numbers. */
type Sample = { readonly text: string; readonly value: number };
const comparison = (): fc.Arbitrary<{ readonly text: string; readonly value: boolean }> => {
  const { sum } = fc.letrec<{ readonly sum: Sample }>((tie) => ({
    sum: fc.oneof(
      { maxDepth: 4 },
      fc.integer({ min: 0, max: 9 }).map((value) => ({ text: String(value), value })),
      fc.constant({ text: 'user_txn_count_1h', value: 6 }),
      fc.tuple(tie('sum'), fc.constantFrom('+', '-', '*'), tie('sum')).map(([a, operator, b]) => ({
        text: `(${a.text} ${operator} ${b.text})`,
        value: operator === '+' ? a.value + b.value : operator === '-' ? a.value - b.value : a.value * b.value,
      })),
      tie('sum').map((a) => ({ text: `-${a.text}`, value: -a.value })),
    ),
  }));
  return fc.tuple(sum, fc.constantFrom('<', '<=', '==', '!=', '>', '>='), sum).map(([a, operator, b]) => ({
    text: `${a.text} ${operator} ${b.text}`,
    value: {
      '<': a.value < b.value,
      '<=': a.value <= b.value,
      '==': a.value === b.value,
      '!=': a.value !== b.value,
      '>': a.value > b.value,
      '>=': a.value >= b.value,
    }[operator],
  }));
};

describe('every condition over present numbers', () => {
  it('means what the same formula means in arithmetic', () => {
    fc.assert(
      fc.property(comparison(), ({ text, value }) => {
        expect(holds(text)).toBe(value);
      }),
    );
  });

  it('joins by and, or and not as logic does', () => {
    fc.assert(
      fc.property(comparison(), comparison(), (a, b) => {
        expect(holds(`${a.text} and not ${b.text}`)).toBe(a.value && !b.value);
        expect(holds(`${a.text} or not ${b.text}`)).toBe(a.value || !b.value);
      }),
    );
  });
});
