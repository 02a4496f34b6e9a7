/** Gives every part of a rule its type, or says what does not fit. */
import { closestName } from '../../domain/closest-name.ts';
import { RULE_FUNCTIONS, type RuleFunction, type ValueType } from './functions.ts';
import { type SymbolTable } from './symbols.ts';
import { type Expression, expressionError, type ExpressionText } from './syntax.ts';

export type ExpressionType = ValueType | 'condition';

const ARTICLE: Readonly<Record<ExpressionType, string>> = {
  number: 'a number',
  text: 'a text',
  condition: 'a condition',
};

export interface Checked {
  /** The rule reads a feature or the score, so it cannot be judged when scoring failed. */
  readonly scored: boolean;
}

/** Throws POLICY_INVALID with the column unless `expression` is a condition over `symbols`. */
export function checkCondition(expression: Expression, symbols: SymbolTable, source: ExpressionText): Checked {
  let scored = false;

  const need = (node: Expression, wanted: ExpressionType): void => {
    const type = typed(node);
    if (type === wanted) return;
    const hint =
      wanted === 'condition' && node.type === 'name'
        ? `: compare it, for instance ${node.name} ${type === 'number' ? '>= 1' : '== "…"'}`
        : '';
    throw expressionError(source, node.position, `this is ${ARTICLE[type]}, ${ARTICLE[wanted]} is needed${hint}`);
  };

  const value = (node: Expression): ValueType => {
    const type = typed(node);
    if (type === 'condition') {
      throw expressionError(source, node.position, 'this is a condition, a number or a text is needed');
    }
    return type;
  };

  const named = (name: string, position: number): ValueType => {
    const symbol = symbols.get(name);
    if (symbol === undefined) {
      const meant = closestName(name, symbols.keys());
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      throw expressionError(source, position, `${name} is no field of a payment and no feature${hint}`);
    }
    if (symbol.type === 'category') {
      throw expressionError(source, position, `${name} is a category that only the model reads`);
    }
    scored ||= symbol.scored;
    return symbol.type;
  };

  const called = (node: Extract<Expression, { readonly type: 'call' }>): ExpressionType => {
    const definition = functionNamed(node.name);
    if (definition === undefined) {
      const known = Object.keys(RULE_FUNCTIONS);
      throw expressionError(source, node.position, `there is no function ${node.name}, only ${known.join(', ')}`);
    }
    const { parameters } = definition;
    if (node.operands.length !== parameters.length) {
      throw expressionError(
        source,
        node.position,
        `${node.name} takes ${parameters.length} (${parameters.join(', ')})`,
      );
    }
    node.operands.forEach((operand, index) => need(operand, parameters[index]!));
    return definition.result;
  };

  const compared = (node: Extract<Expression, { readonly type: 'compare' }>): ExpressionType => {
    need(node.right, value(node.left));
    if (typed(node.left) === 'text' && node.operator !== '==' && node.operator !== '!=') {
      throw expressionError(source, node.position, `${node.operator} compares numbers; texts compare by == and !=`);
    }
    return 'condition';
  };

  const typed = (node: Expression): ExpressionType => {
    switch (node.type) {
      case 'literal':
        return typeof node.value === 'number' ? 'number' : 'text';
      case 'name':
        return named(node.name, node.position);
      case 'call':
        return called(node);
      case 'negate':
        need(node.operand, 'number');
        return 'number';
      case 'arithmetic':
        need(node.left, 'number');
        need(node.right, 'number');
        return 'number';
      case 'compare':
        return compared(node);
      case 'member': {
        const type = value(node.operand);
        for (const member of node.members) need(member, type);
        return 'condition';
      }
      case 'missing':
        value(node.operand);
        return 'condition';
      case 'not':
        need(node.operand, 'condition');
        return 'condition';
      case 'and':
      case 'or':
        need(node.left, 'condition');
        need(node.right, 'condition');
        return 'condition';
    }
  };

  need(expression, 'condition');
  return { scored };
}

/** The function called `name`; undefined when there is none. */
export function functionNamed(name: string): RuleFunction | undefined {
  return Object.hasOwn(RULE_FUNCTIONS, name) ? RULE_FUNCTIONS[name] : undefined;
}
