/** The rule language as a tree, and how a mistake in it is shown. */
import { SentinelError } from '../../domain/errors.ts';

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';
export type Arithmetic = '+' | '-' | '*' | '/';
export type Literal = number | string;

/** `position` is the offset in the text, from 0, where the node is best pointed at. */
export type Expression =
  | { readonly type: 'literal'; readonly position: number; readonly value: Literal }
  | { readonly type: 'name'; readonly position: number; readonly name: string }
  | {
      readonly type: 'call';
      readonly position: number;
      readonly name: string;
      readonly operands: readonly Expression[];
    }
  | { readonly type: 'negate'; readonly position: number; readonly operand: Expression }
  | {
      readonly type: 'arithmetic';
      readonly position: number;
      readonly operator: Arithmetic;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly type: 'compare';
      readonly position: number;
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly type: 'member';
      readonly position: number;
      readonly negated: boolean;
      readonly operand: Expression;
      readonly members: readonly Extract<Expression, { readonly type: 'literal' }>[];
    }
  | { readonly type: 'missing'; readonly position: number; readonly negated: boolean; readonly operand: Expression }
  | { readonly type: 'not'; readonly position: number; readonly operand: Expression }
  | {
      readonly type: 'and' | 'or';
      readonly position: number;
      readonly left: Expression;
      readonly right: Expression;
    };

/** An expression and where it stands in the policy, for messages. */
export interface ExpressionText {
  readonly text: string;
  /** For instance `rules[2].when`. */
  readonly place: string;
}

/** A POLICY_INVALID that names the column, repeats the text and puts a caret under the mistake. */
export function expressionError(source: ExpressionText, position: number, problem: string): SentinelError {
  const oneLine = source.text.replaceAll(/\s/g, ' ');
  return new SentinelError('POLICY_INVALID', {
    place: `${source.place}, column ${position + 1}`,
    problem: `${problem}\n  ${oneLine}\n  ${' '.repeat(position)}^`,
  });
}
