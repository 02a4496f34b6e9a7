/** One value of a request, checked: the kind it should be, its bounds, and what is said when it is not. */
import { SentinelError } from '../domain/errors.ts';
import { maskPans } from '../domain/pan.ts';

/** What a text may hide depends on how its source was written; see JsonScan. */
export interface TextTraits {
  /** The source holds escapes, so control characters and halves of surrogate pairs are possible. */
  readonly escaped: boolean;
}

export function refuseField(field: string, problem: string): never {
  throw new SentinelError('INVALID_REQUEST', { field, problem });
}

/** What a value is, in the words of JSON; never the value itself, which may hold what must not be shown. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** C0 controls and unpaired surrogates: neither survives storage as UTF-8 text in PostgreSQL. */

const UNSTORABLE = /[\u0000-\u001f]|\p{Surrogate}/u;

function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Code points behind it take two UTF-16 units. */
const LAST_OF_ONE_UNIT = 0xffff;

/** Characters of an unknown name that a message quotes, and that are looked at for card numbers. */
const NAME_SHOWN = 64;
const NAME_READ = 256;

/** A name nobody knows, as it may stand in a message: short, printable, without card numbers. */
export function quotableName(name: string): string {
  const shown = maskPans(name.slice(0, NAME_READ)).slice(0, NAME_SHOWN);
  return isStorable(shown) ? shown : '?';
}

/** As the published schemas count: a pair of surrogates is one. Source: JSON Schema 2020-12, Validation, section 6.3.1. */
function countCharacters(text: string): number {
  let pairs = 0;
  for (let at = 0; at < text.length; at++) if (text.codePointAt(at)! > LAST_OF_ONE_UNIT) pairs++;
  return text.length - pairs;
}

/** Characters are counted only where their number can be another than that of UTF-16 units and matters. */
function isWithin(text: string, low: number, high: number): boolean {
  if (text.length < low || text.length > 2 * high) return false;
  return text.length <= high || countCharacters(text) <= high;
}

/** Whether `readText` takes it; `low` is 0 or 1. */
export function isText(value: unknown, low: number, high: number, { escaped }: TextTraits): value is string {
  return typeof value === 'string' && isWithin(value, low, high) && (!escaped || isStorable(value));
}

/** A string of `low` to `high` characters. */
export function readText(field: string, value: unknown, low: number, high: number, traits: TextTraits): string {
  if (typeof value !== 'string') {
    refuseField(field, `expected a string of ${low} to ${high} characters, got ${describeValue(value)}`);
  }
  if (!isWithin(value, low, high)) {
    refuseField(field, `expected ${low} to ${high} characters, got ${countCharacters(value)}`);
  }
  if (traits.escaped && !isStorable(value)) {
    refuseField(field, 'control characters and unpaired surrogates are not allowed');
  }
  return value;
}

export function readNumber(field: string, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number') {
    refuseField(field, `expected a number from ${low} to ${high}, got ${describeValue(value)}`);
  }
  if (!(value >= low && value <= high)) refuseField(field, `expected a number from ${low} to ${high}`);
  return value;
}

export function readFlag(field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') refuseField(field, `expected true or false, got ${describeValue(value)}`);
  return value;
}

export function readChoice<C extends string>(field: string, value: unknown, choices: readonly C[]): C {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) refuseField(field, `expected one of ${choices.join(', ')}`);
  return choice;
}
