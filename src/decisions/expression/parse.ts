/** The text of a rule → its tree. */
import { type Arithmetic, type Comparison, type Expression, expressionError, type ExpressionText } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

/** Parentheses, signs and `not` may be nested this deep; the parser and the compiler recurse as deep. */
const MAX_DEPTH = 32;
const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'is', 'missing']);
const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

/**
 * Parses, binding from loosest to tightest:
 * or · and · not · one comparison, `[not] in (…)` or `is [not] missing` · + - · * / · sign · number, "text", name, name(…), ( ).
 * Throws POLICY_INVALID with the column.
 */
export function parseExpression(source: ExpressionText): Expression {
  const parser = createParser(source, tokenize(source));
  return parser.whole();
}

function createParser(source: ExpressionText, tokens: readonly Token[]): { readonly whole: () => Expression } {
  let next = 0;
  let depth = 0;

  const peek = (): Token => tokens[next]!;
  const is = (value: string): boolean => peek().value === value && (peek().kind === 'word' || peek().kind === 'symbol');
  const accept = (value: string): Token | undefined => (is(value) ? tokens[next++] : undefined);
  const fail = (problem: string): Error => expressionError(source, peek().position, problem);
  const found = (): string => (peek().kind === 'end' ? 'the rule ends here' : `found ${quoted(peek())}`);
  const expect = (value: string, after: string): void => {
    if (accept(value) === undefined) throw fail(`expected ${value} ${after}, ${found()}`);
  };
  const deeper = <T>(parse: () => T): T => {
    if (++depth > MAX_DEPTH) throw fail(`nested deeper than ${MAX_DEPTH} levels`);
    const result = parse();
    depth--;
    return result;
  };

  const either = (): Expression => {
    let left = both();
    for (let token = accept('or'); token !== undefined; token = accept('or')) {
      left = { type: 'or', position: token.position, left, right: both() };
    }
    return left;
  };

  const both = (): Expression => {
    let left = negation();
    for (let token = accept('and'); token !== undefined; token = accept('and')) {
      left = { type: 'and', position: token.position, left, right: negation() };
    }
    return left;
  };

  const negation = (): Expression => {
    const token = accept('not');
    return token === undefined ? relation() : { type: 'not', position: token.position, operand: deeper(negation) };
  };

  const relation = (): Expression => {
    const left = sum();
    const { kind, value, position } = peek();
    if (kind === 'symbol' && COMPARISONS.has(value)) {
      next++;
      const comparison: Expression = {
        type: 'compare',
        position,
        operator: value as Comparison, // one of COMPARISONS, checked above
        left,
        right: sum(),
      };
      if (peek().kind === 'symbol' && COMPARISONS.has(peek().value)) throw fail('join two comparisons with and');
      return comparison;
    }
    if (accept('is') !== undefined) {
      const negated = accept('not') !== undefined;
      expect('missing', 'after is');
      return { type: 'missing', position, negated, operand: left };
    }
    const negated = is('not') && tokens[next + 1]?.value === 'in' && tokens[next + 1]?.kind === 'word';
    if (negated) next++;
    if (accept('in') !== undefined) return { type: 'member', position, negated, operand: left, members: members() };
    return left;
  };

  const members = (): Extract<Expression, { readonly type: 'literal' }>[] => {
    expect('(', 'after in');
    const list: Extract<Expression, { readonly type: 'literal' }>[] = [];
    do {
      const member = sign();
      const value =
        member.type === 'negate' && member.operand.type === 'literal' && typeof member.operand.value === 'number'
          ? -member.operand.value
          : undefined;
      if (value !== undefined) list.push({ type: 'literal', position: member.position, value });
      else if (member.type === 'literal') list.push(member);
      else throw expressionError(source, member.position, 'a list holds numbers or texts only');
    } while (accept(',') !== undefined);
    expect(')', 'at the end of the list');
    return list;
  };

  const chain = (operators: readonly Arithmetic[], operand: () => Expression): Expression => {
    let left = operand();
    for (;;) {
      const operator = operators.find(is);
      if (operator === undefined) return left;
      const { position } = tokens[next++]!;
      left = { type: 'arithmetic', position, operator, left, right: operand() };
    }
  };
  const sum = (): Expression => chain(['+', '-'], product);
  const product = (): Expression => chain(['*', '/'], sign);

  const sign = (): Expression => {
    const token = accept('-');
    return token === undefined ? value() : { type: 'negate', position: token.position, operand: deeper(sign) };
  };

  const value = (): Expression => {
    const token = peek();
    if (token.kind === 'number') {
      next++;
      return { type: 'literal', position: token.position, value: Number(token.value) };
    }
    if (token.kind === 'text') {
      next++;
      return { type: 'literal', position: token.position, value: token.value };
    }
    if (token.kind === 'word' && !RESERVED.has(token.value)) {
      next++;
      return is('(') ? call(token) : { type: 'name', position: token.position, name: token.value };
    }
    if (accept('(') === undefined) throw fail(`expected a name, a number or a text, ${found()}`);
    const inner = deeper(either);
    expect(')', 'to close the parenthesis');
    return inner;
  };

  const call = (name: Token): Expression => {
    expect('(', 'after the function');
    const operands: Expression[] = [];
    if (!is(')')) {
      do operands.push(deeper(either));
      while (accept(',') !== undefined);
    }
    expect(')', 'after the arguments');
    return { type: 'call', position: name.position, name: name.value, operands };
  };

  return {
    whole: () => {
      const expression = either();
      if (peek().kind !== 'end') throw fail(`expected and, or, or the end, ${found()}`);
      return expression;
    },
  };
}

function quoted(token: Token): string {
  return token.kind === 'text' ? `"${token.value}"` : token.value;
}
