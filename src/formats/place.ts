/** Reading the parts of a foreign model file, so that whatever is wrong is refused with its place. */

/** A value of a document and where it stands there. */
export interface Place {
  /** For instance `learner.gradient_booster.model.trees[3].split_indices`. */
  readonly path: string;
  readonly value: unknown;
}

/** What to throw when a model file cannot be read as meant. */
export function refused(place: string, problem: string): Error {
  return new Error(`${place}: ${problem}`);
}

/** The parsed text as the outermost place; refuses what is not JSON, for instance a file cut short. */
export function parseJson(text: string, what: string): Place {
  try {
    return { path: what, value: JSON.parse(text) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(refused(what, `is not whole JSON (${reason})`).message, { cause });
  }
}

function fieldsOf({ path, value }: Place): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>; // checked
  throw refused(path, 'is not an object');
}

/** A member of an object; undefined when it has none of that name. */
export function findMember(place: Place, name: string): Place | undefined {
  const fields = fieldsOf(place);
  return Object.hasOwn(fields, name) ? { path: `${place.path}.${name}`, value: fields[name] } : undefined;
}

export function member(place: Place, ...names: readonly string[]): Place {
  return names.reduce((at, name) => {
    const found = findMember(at, name);
    if (found === undefined) throw refused(at.path, `has no ${name}`);
    return found;
  }, place);
}

export function items({ path, value }: Place): readonly Place[] {
  if (!Array.isArray(value)) throw refused(path, 'is not a list');
  return value.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item }));
}

export function textOf({ path, value }: Place): string {
  if (typeof value !== 'string') throw refused(path, 'is not a text');
  return value;
}

/** A finite number. */
export function numberOf({ path, value }: Place): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refused(path, 'is not a number');
  return value;
}

/** A whole number of at least 0 and below `limit`. */
export function indexOf(place: Place, limit: number, what: string): number {
  const value = numberOf(place);
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw refused(place.path, `names ${what} ${value} of ${limit}`);
  }
  return value;
}

/** A list of finite numbers, of the given length when one is given. */
export function numbersOf(place: Place, length?: number): readonly number[] {
  const { path, value } = place;
  if (!Array.isArray(value)) throw refused(path, 'is not a list');
  const bad = value.findIndex((item) => typeof item !== 'number' || !Number.isFinite(item));
  if (bad >= 0) throw refused(`${path}[${bad}]`, 'is not a number');
  if (length !== undefined && value.length !== length) {
    throw refused(path, `holds ${value.length} values, not ${length}`);
  }
  return value as number[]; // every item was checked
}

/** A number written as a text, as several libraries do. */
export function numberInText(place: Place): number {
  const text = textOf(place);
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw refused(place.path, `is ${JSON.stringify(text)}, not a number`);
  return value;
}
