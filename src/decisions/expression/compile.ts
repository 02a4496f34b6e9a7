/** A rule's tree → a closure that judges a payment. */
import { checkCondition, functionNamed } from './check.ts';
import { parseExpression } from './parse.ts';
import { type RuleInput, type SymbolTable } from './symbols.ts';
import { type Comparison, type Expression, type ExpressionText } from './syntax.ts';

export interface Condition {
  /**
   * Whether the payment meets the condition. A comparison, `in`, `not in` or function test with a missing value is
   * false; `not` turns that into true; arithmetic with a missing value, or a division by zero, is missing.
   */
  readonly holds: (input: RuleInput) => boolean;
  /** It reads a feature or the score, so it cannot be judged when scoring failed. */
  readonly scored: boolean;
}

type Read<T> = (input: RuleInput) => T;
type Call = Extract<Expression, { readonly type: 'call' }>;

/** Throws POLICY_INVALID with the column of the first mistake. */
export function compileCondition(source: ExpressionText, symbols: SymbolTable): Condition {
  const expression = parseExpression(source);
  const { scored } = checkCondition(expression, symbols, source);
  return { holds: condition(expression, symbols), scored };
}

function condition(node: Expression, symbols: SymbolTable): Read<boolean> {
  switch (node.type) {
    case 'and': {
      const [left, right] = [condition(node.left, symbols), condition(node.right, symbols)];
      return (input) => left(input) && right(input);
    }
    case 'or': {
      const [left, right] = [condition(node.left, symbols), condition(node.right, symbols)];
      return (input) => left(input) || right(input);
    }
    case 'not': {
      const operand = condition(node.operand, symbols);
      return (input) => !operand(input);
    }
    case 'missing': {
      const { negated } = node;
      const operand = value(node.operand, symbols);
      return (input) => isMissing(operand(input)) !== negated;
    }
    case 'member': {
      const { negated } = node;
      const members: ReadonlySet<unknown> = new Set(node.members.map((member) => member.value));
      const operand = value(node.operand, symbols);
      return (input) => {
        const found = operand(input);
        return !isMissing(found) && members.has(found) !== negated;
      };
    }
    case 'compare':
      return isText(node.left, symbols)
        ? compareTexts(node.operator, text(node.left, symbols), text(node.right, symbols))
        : compareNumbers(node.operator, number(node.left, symbols), number(node.right, symbols));
    case 'call': {
      const apply = call<boolean>(node, symbols);
      return (input) => apply(input) === true;
    }
    default:
      throw new TypeError(`${node.type} is not a condition`);
  }
}

/** NaN compares false by itself, except under `!=`. */
function compareNumbers(operator: Comparison, left: Read<number>, right: Read<number>): Read<boolean> {
  switch (operator) {
    case '<':
      return (input) => left(input) < right(input);
    case '<=':
      return (input) => left(input) <= right(input);
    case '>':
      return (input) => left(input) > right(input);
    case '>=':
      return (input) => left(input) >= right(input);
    case '==':
      return (input) => left(input) === right(input);
    case '!=':
      return (input) => {
        const [a, b] = [left(input), right(input)];
        return a < b || a > b;
      };
  }
}

function compareTexts(
  operator: Comparison,
  left: Read<string | undefined>,
  right: Read<string | undefined>,
): Read<boolean> {
  const wantEqual = operator === '==';
  return (input) => {
    const [a, b] = [left(input), right(input)];
    return a !== undefined && b !== undefined && (a === b) === wantEqual;
  };
}

function number(node: Expression, symbols: SymbolTable): Read<number> {
  switch (node.type) {
    case 'literal': {
      const constant = Number(node.value);
      return () => constant;
    }
    case 'name': {
      const symbol = symbols.get(node.name);
      if (symbol?.type !== 'number') throw new TypeError(`${node.name} is not a number`);
      return symbol.read;
    }
    case 'negate': {
      const operand = number(node.operand, symbols);
      return (input) => -operand(input);
    }
    case 'arithmetic':
      return arithmetic(node, symbols);
    case 'call': {
      const apply = call<number>(node, symbols);
      return (input) => apply(input) ?? NaN;
    }
    default:
      throw new TypeError(`${node.type} is not a number`);
  }
}

function arithmetic(node: Extract<Expression, { readonly type: 'arithmetic' }>, symbols: SymbolTable): Read<number> {
  const [left, right] = [number(node.left, symbols), number(node.right, symbols)];
  switch (node.operator) {
    case '+':
      return (input) => left(input) + right(input);
    case '-':
      return (input) => left(input) - right(input);
    case '*':
      return (input) => left(input) * right(input);
    case '/':
      return (input) => {
        const divisor = right(input);
        return divisor === 0 ? NaN : left(input) / divisor;
      };
  }
}

function text(node: Expression, symbols: SymbolTable): Read<string | undefined> {
  switch (node.type) {
    case 'literal': {
      const constant = String(node.value);
      return () => constant;
    }
    case 'name': {
      const symbol = symbols.get(node.name);
      if (symbol?.type !== 'text') throw new TypeError(`${node.name} is not a text`);
      return symbol.read;
    }
    case 'call':
      return call<string>(node, symbols);
    default:
      throw new TypeError(`${node.type} is not a text`);
  }
}

function value(node: Expression, symbols: SymbolTable): Read<number | string | undefined> {
  return isText(node, symbols) ? text(node, symbols) : number(node, symbols);
}

/** The result, undefined when an argument is missing. The checker has matched arguments and result to the function. */
function call<Result>(node: Call, symbols: SymbolTable): Read<Result | undefined> {
  const apply = functionNamed(node.name)!.apply as (...values: unknown[]) => Result;
  const operands = node.operands.map((operand) => value(operand, symbols));
  return (input) => {
    const values = operands.map((operand) => operand(input));
    return values.some(isMissing) ? undefined : apply(...values);
  };
}

function isText(node: Expression, symbols: SymbolTable): boolean {
  if (node.type === 'literal') return typeof node.value === 'string';
  if (node.type === 'name') return symbols.get(node.name)?.type === 'text';
  return node.type === 'call' && functionNamed(node.name)?.result === 'text';
}

function isMissing(found: number | string | undefined): boolean {
  return found === undefined || (typeof found === 'number' && Number.isNaN(found));
}
