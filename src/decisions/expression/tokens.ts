/** Cuts the text of a rule into tokens. */
import { expressionError, type ExpressionText } from './syntax.ts';

export interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'symbol' | 'end';
  /** As written; for a text without its quotes and escapes. */
  readonly value: string;
  readonly position: number;
}

/** Longer rules are refused: they are better said as two. */
const MAX_EXPRESSION_LENGTH = 4_000;

const PATTERN =
  /\s+|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))|(?<word>[A-Za-z_]\w*)|"(?<text>(?:[^"\\]|\\["\\])*)"|(?<symbol><=|>=|==|!=|[-+*/<>(),])/y;

/** A text up to a backslash that escapes nothing. */
const LONE_BACKSLASH = /"(?:[^"\\]|\\["\\])*\\(?!["\\])/y;

/** What people write by habit from other languages, and what to write here. */
const HABITS: Readonly<Record<string, string>> = {
  '=': 'write == to compare',
  '&': 'write and',
  '|': 'write or',
  '!': 'write not, or != to compare',
  "'": 'write text in double quotes',
  '"': 'this text has no closing quote',
};

/**
 * The tokens of `source` in order, the last of kind `end`. Grammar:
 * number = digits [. digits] [e [+|-] digits]; text = " … " with \" and \\ ; word = letter or _ , then letters, digits, _.
 */
export function tokenize(source: ExpressionText): readonly Token[] {
  const { text } = source;
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw expressionError(
      { ...source, text: `${text.slice(0, 60)}…` },
      0,
      `${text.length} characters, at most ${MAX_EXPRESSION_LENGTH} are allowed`,
    );
  }
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    PATTERN.lastIndex = position;
    const match = PATTERN.exec(text);
    if (match === null) throw unexpected(source, position);
    const groups = match.groups!;
    if (groups.number !== undefined) tokens.push({ kind: 'number', value: groups.number, position });
    else if (groups.word !== undefined) tokens.push({ kind: 'word', value: groups.word, position });
    else if (groups.symbol !== undefined) tokens.push({ kind: 'symbol', value: groups.symbol, position });
    else if (groups.text !== undefined)
      tokens.push({ kind: 'text', value: groups.text.replaceAll(/\\(.)/g, '$1'), position });
    position += match[0].length;
  }
  tokens.push({ kind: 'end', value: 'the end', position: text.length });
  return tokens;
}

function unexpected(source: ExpressionText, position: number): Error {
  const character = String.fromCodePoint(source.text.codePointAt(position)!);
  if (/\d/.test(character)) return expressionError(source, position, 'this is not a number');
  LONE_BACKSLASH.lastIndex = position;
  if (LONE_BACKSLASH.test(source.text)) {
    return expressionError(source, LONE_BACKSLASH.lastIndex - 1, 'in a text a backslash is written \\\\, a quote \\"');
  }
  const hint = HABITS[character];
  return expressionError(source, position, `${character} has no meaning here${hint === undefined ? '' : `: ${hint}`}`);
}
