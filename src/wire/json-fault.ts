/** Where and why a text is not acceptable JSON, found by a slow careful reading once it is known not to be. */

export interface JsonFault {
  /** UTF-16 offset of the first character that does not fit. */
  readonly offset: number;
  readonly problem: string;
}

/** Not seen where text is shown, so that it has to be named. */
const BYTE_ORDER_MARK = '\ufeff';
const WORDS = ['true', 'false', 'null'];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANK = /[ \t\n\r]*/y;

class Fault extends Error {
  readonly offset: number;

  constructor(offset: number, problem: string) {
    super(problem);
    this.offset = offset;
  }
}

/**
 * Reads one value from `text` at `offset`, at most `depth` objects and arrays deep; returns the offset after it and the
 * blanks that follow; throws a Fault.
 */
function readValue(text: string, offset: number, depth: number): number {
  const character = text[offset];
  if (character === BYTE_ORDER_MARK) throw new Fault(offset, 'a byte order mark is no part of JSON');
  if (character === undefined) throw new Fault(offset, 'it ends where a value was expected');
  if ((character === '{' || character === '[') && depth === 0) throw new Fault(offset, 'it is nested too deep');
  if (character === '{') return readMembers(text, offset, depth - 1);
  if (character === '[') return readItems(text, offset, depth - 1);
  if (character === '"') return readString(text, offset);
  const word = WORDS.find((candidate) => text.startsWith(candidate, offset));
  if (word !== undefined) return skipBlank(text, offset + word.length);
  NUMBER.lastIndex = offset;
  const number = NUMBER.exec(text);
  if (number === null) {
    const what = /^[+-]?(?:NaN|Infinity)/.exec(text.slice(offset))?.[0];
    throw new Fault(offset, what === undefined ? 'a value was expected' : `${what} is not a JSON number`);
  }
  return skipBlank(text, offset + number[0].length);
}

function readString(text: string, offset: number): number {
  STRING.lastIndex = offset;
  const match = STRING.exec(text);
  if (match === null)
    throw new Fault(offset, 'this string is not closed, or holds a raw control character or a wrong escape');
  return skipBlank(text, offset + match[0].length);
}

function readMembers(text: string, start: number, depth: number): number {
  const names = new Set<string>();
  let offset = skipBlank(text, start + 1);
  if (text[offset] === '}') return skipBlank(text, offset + 1);
  for (;;) {
    if (text[offset] !== '"') throw new Fault(offset, 'a name in double quotes was expected');
    const afterName = readString(text, offset);
    const name = JSON.parse(text.slice(offset, afterName)) as string;
    if (names.has(name)) throw new Fault(offset, 'this name is given twice in the same object');
    names.add(name);
    if (text[afterName] !== ':') throw new Fault(afterName, '“:” was expected');
    offset = readValue(text, skipBlank(text, afterName + 1), depth);
    if (text[offset] === '}') return skipBlank(text, offset + 1);
    if (text[offset] !== ',') throw new Fault(offset, '“,” or “}” was expected');
    offset = skipBlank(text, offset + 1);
  }
}

function readItems(text: string, start: number, depth: number): number {
  let offset = skipBlank(text, start + 1);
  if (text[offset] === ']') return skipBlank(text, offset + 1);
  for (;;) {
    offset = readValue(text, offset, depth);
    if (text[offset] === ']') return skipBlank(text, offset + 1);
    if (text[offset] !== ',') throw new Fault(offset, '“,” or “]” was expected');
    offset = skipBlank(text, offset + 1);
  }
}

function skipBlank(text: string, offset: number): number {
  BLANK.lastIndex = offset;
  return offset + (BLANK.exec(text)?.[0].length ?? 0);
}

/**
 * The first fault of `text`; undefined when it is one JSON value without repeated names, nested at most `maxDepth`
 * deep. The problem never quotes the text, which may hold what must not be shown.
 */
export function findJsonFault(text: string, maxDepth: number): JsonFault | undefined {
  try {
    const end = readValue(text, skipBlank(text, 0), maxDepth);
    return end === text.length ? undefined : { offset: end, problem: 'nothing may follow the first value' };
  } catch (error) {
    if (error instanceof Fault) return { offset: error.offset, problem: error.message };
    throw error;
  }
}
