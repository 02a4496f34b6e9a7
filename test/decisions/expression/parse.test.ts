import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentinelError } from '../../../src/domain/errors.ts';
import { parseExpression } from '../../../src/decisions/expression/parse.ts';
import { type Expression } from '../../../src/decisions/expression/syntax.ts';

const parse = (text: string): Expression => parseExpression({ text, place: 'when' });

function messageOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof SentinelError) return error.message;
    throw error;
  }
  return 'no mistake';
}

/** Fully parenthesised, so that binding shows. */
function written(node: Expression): string {
  switch (node.type) {
    case 'literal':
      return JSON.stringify(node.value);
    case 'name':
      return node.name;
    case 'call':
      return `${node.name}(${node.operands.map(written).join(', ')})`;
    case 'negate':
      return `(- ${written(node.operand)})`;
    case 'not':
      return `(not ${written(node.operand)})`;
    case 'missing':
      return `(${written(node.operand)} is ${node.negated ? 'not ' : ''}missing)`;
    case 'member':
      return `(${written(node.operand)} ${node.negated ? 'not ' : ''}in (${node.members.map(written).join(', ')}))`;
    case 'arithmetic':
    case 'compare':
      return `(${written(node.left)} ${node.operator} ${written(node.right)})`;
    case 'and':
    case 'or':
      return `(${written(node.left)} ${node.type} ${written(node.right)})`;
  }
}

describe('the rule language', () => {
  it.each([
    ['a > 1 and b > 2 or c > 3', '(((a > 1) and (b > 2)) or (c > 3))'],
    ['a > 1 or b > 2 and c > 3', '((a > 1) or ((b > 2) and (c > 3)))'],
    ['not a > 1 and b > 2', '((not (a > 1)) and (b > 2))'],
    ['not (a > 1 and b > 2)', '(not ((a > 1) and (b > 2)))'],
    ['a + b * c - d > 1', '(((a + (b * c)) - d) > 1)'],
    ['a / b / c == -1', '(((a / b) / c) == (- 1))'],
    ['-(a - b) <= 1.5e3', '((- (a - b)) <= 1500)'],
    ['c in ("atm", "travel")', '(c in ("atm", "travel"))'],
    ['c not in (-1, 2)', '(c not in (-1, 2))'],
    ['not c in ("x")', '(not (c in ("x")))'],
    ['a is missing or b is not missing', '((a is missing) or (b is not missing))'],
    ['max(a, b + 1) != abs(-c)', '(max(a, (b + 1)) != abs((- c)))'],
    ['n == "say \\"hi\\" \\\\"', '(n == "say \\"hi\\" \\\\")'],
  ])('binds %s as %s', (text, expected) => {
    expect(written(parse(text))).toBe(expected);
  });

  it.each([
    ['amount > and 5', 'column 10', 'expected a name, a number or a text, found and'],
    ['amount > 5 5', 'column 12', 'expected and, or, or the end, found 5'],
    ['(amount > 5', 'column 12', 'expected ) to close the parenthesis, the rule ends here'],
    ['amount = 5', 'column 8', '= has no meaning here: write == to compare'],
    ["c == 'atm'", 'column 6', 'write text in double quotes'],
    ['c == "atm', 'column 6', 'no closing quote'],
    [String.raw`c == "a\\b\nc"`, 'column 11', String.raw`in a text a backslash is written \\, a quote \"`],
    ['a > 1 && b > 2', 'column 7', 'write and'],
    ['1 < a < 5', 'column 7', 'join two comparisons with and'],
    ['a in (b)', 'column 7', 'a list holds numbers or texts only'],
    ['a is 5', 'column 6', 'expected missing after is, found 5'],
    ['12abc > 1', 'column 1', 'this is not a number'],
    ['', 'column 1', 'the rule ends here'],
    ['a > 🦊', 'column 5', '🦊 has no meaning here'],
    ['a.b > 1', 'column 2', '. has no meaning here'],
  ])('says where and what is wrong with %j', (text, column, problem) => {
    expect(messageOf(text)).toContain(`when, ${column}: `);
    expect(messageOf(text)).toContain(problem);
  });

  it('points at the mistake with a caret', () => {
    expect(messageOf('amount > and 5').split('\n').slice(1)).toEqual(['  amount > and 5', '           ^']);
  });

  it('refuses nesting that could exhaust the stack, and rules too long to read', () => {
    expect(messageOf(`${'('.repeat(40)}a > 1${')'.repeat(40)}`)).toContain('nested deeper than 32 levels');
    expect(messageOf(`${'not '.repeat(40)}a > 1`)).toContain('nested deeper');
    expect(messageOf(`a > ${'-'.repeat(900)}1`)).toContain('nested deeper');
    expect(messageOf(`a > 1 ${'and a > 1 '.repeat(500)}`)).toContain('at most 4000 are allowed');
    expect(messageOf(`${'('.repeat(30)}a > 1${')'.repeat(30)}`)).toBe('no mistake');
  });

  it('answers any text with a tree or a POLICY_INVALID, never anything else', () => {
    const pieces = fc.constantFrom('a', '(', ')', ' and ', ' or ', ' not ', 'in', ' is ', 'missing', '"', '1', '>', ',', '-', '\\', '=', '\n', '__proto__'); // prettier-ignore
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((list) => list.join('')),
        ),
        (text) => {
          expect(messageOf(text)).toBeTypeOf('string');
        },
      ),
      { numRuns: 500 },
    );
  });
});
