/** Reads a policy's parts out of an unknown value, naming the place of whatever does not fit. */
import { closestName } from '../domain/closest-name.ts';
import { SentinelError } from '../domain/errors.ts';
import { maskPans } from '../domain/pan.ts';
import { formatRfc3339, parseRfc3339 } from '../domain/time.ts';

export type Fields<Key extends string> = Readonly<Partial<Record<Key, unknown>>>;

/** Ids stand in records, messages and metrics: lower case, digits, - and _. */
const ID = /^[a-z][a-z0-9_-]{0,63}$/;

export function invalid(place: string, problem: string): SentinelError {
  return new SentinelError('POLICY_INVALID', { place: place === '' ? 'as a whole' : place, problem });
}

/** `value` as an object with no other keys than `keys`; an absent one (undefined, null) is empty. */
export function readFields<Key extends string>(value: unknown, place: string, keys: readonly Key[]): Fields<Key> {
  if (value === undefined || value === null) return {} as Fields<Key>; // every key of it is optional
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(place, `expected fields, got ${shown(value)}`);
  for (const key of Object.keys(value)) {
    if ((keys as readonly string[]).includes(key)) continue;
    const meant = closestName(key, keys);
    const hint = meant === undefined ? `known are ${keys.join(', ')}` : `did you mean ${meant}?`;
    throw invalid(place === '' ? key : `${place}.${key}`, `is not known; ${hint}`);
  }
  return value as Fields<Key>; // an object whose every key was just found in `keys`
}

/** `value` as a list; an absent one is empty. */
export function readList<T>(
  value: unknown,
  place: string,
  readItem: (item: unknown, place: string) => T,
): readonly T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(place, `expected a list, got ${shown(value)}`);
  return value.map((item: unknown, index) => readItem(item, `${place}[${index}]`));
}

/** A finite number (JSON, in which a policy is recorded, has no other) from `minimum` to `maximum`. */
export function readNumber(value: unknown, place: string, minimum: number, maximum: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= minimum && value <= maximum) return value;
  const least = minimum === Number.MIN_VALUE ? 'above 0' : `of at least ${minimum}`;
  const range = maximum === Infinity ? least : `from ${minimum} to ${maximum}`;
  throw invalid(place, `expected a number ${range}, got ${shown(value)}`);
}

/** A text of 1 to `maxLength` characters. */
export function readText(value: unknown, place: string, maxLength = 200): string {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) {
    throw invalid(place, `expected a text of 1 to ${maxLength} characters, got ${shown(value)}`);
  }
  return value;
}

export function readId(value: unknown, place: string): string {
  if (typeof value === 'string' && ID.test(value)) return value;
  throw invalid(place, `expected an id of lower-case letters, digits, - and _, got ${shown(value)}`);
}

export function readFlag(value: unknown, place: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(place, `expected true or false, got ${shown(value)}`);
}

export function readChoice<T extends string>(value: unknown, place: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalid(place, `expected one of ${choices.join(', ')}, got ${shown(value)}`);
  return choice;
}

/** Epoch milliseconds of an RFC 3339 text. */
export function readTime(value: unknown, place: string): number {
  const epochMs = typeof value === 'string' ? parseRfc3339(value) : undefined;
  if (epochMs === undefined) {
    throw invalid(place, `expected a time such as ${formatRfc3339(0)}, got ${shown(value)}`);
  }
  return epochMs;
}

/** Refuses the second of two items with the same key. */
export function refuseRepeats<T>(items: readonly T[], place: string, keyOf: (item: T) => string): void {
  const seen = new Map<string, number>();
  items.forEach((item, index) => {
    const first = seen.get(keyOf(item));
    if (first !== undefined) throw invalid(`${place}[${index}]`, `repeats ${place}[${first}] (${keyOf(item)})`);
    seen.set(keyOf(item), index);
  });
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = maskPans(typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
