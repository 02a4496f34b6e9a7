/** The functions a rule may call. */

export type ValueType = 'number' | 'text';

/** A missing argument (NaN, undefined) never reaches `apply`: the result is then missing, or false for a condition. */
export interface RuleFunction {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | 'condition';
  readonly sentence: string;
  readonly apply: (...values: never[]) => number | string | boolean;
}

const numeric = (
  parameters: readonly ['number'] | readonly ['number', 'number'],
  sentence: string,
  apply: (...values: number[]) => number,
): RuleFunction => ({ parameters, result: 'number', sentence, apply });

const textTest = (sentence: string, apply: (text: string, part: string) => boolean): RuleFunction => ({
  parameters: ['text', 'text'],
  result: 'condition',
  sentence,
  apply,
});

/** Every function by the name it is called under. */
export const RULE_FUNCTIONS: Readonly<Record<string, RuleFunction>> = {
  abs: numeric(['number'], 'The number without its sign.', Math.abs),
  floor: numeric(['number'], 'The largest whole number not above it.', Math.floor),
  min: numeric(['number', 'number'], 'The smaller of two numbers.', Math.min),
  max: numeric(['number', 'number'], 'The larger of two numbers.', Math.max),
  length: {
    parameters: ['text'],
    result: 'number',
    sentence: 'How many characters the text has.',
    apply: (text: string) => [...text].length,
  },
  lower: {
    parameters: ['text'],
    result: 'text',
    sentence: 'The text in lower case.',
    apply: (text: string) => text.toLowerCase(),
  },
  contains: textTest('Whether the second text occurs in the first.', (text, part) => text.includes(part)),
  starts_with: textTest('Whether the first text begins with the second.', (text, part) => text.startsWith(part)),
  ends_with: textTest('Whether the first text ends with the second.', (text, part) => text.endsWith(part)),
};
