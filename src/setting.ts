/** What a setting is: its type, bounds and meaning, and how its value is read. */

export interface Setting<T = unknown> {
  readonly type: string;
  readonly unit?: string;
  /** The name in the environment. */
  readonly environment: string;
  /** The place in sentinel.yaml: section.key. */
  readonly path: string;
  readonly default: T;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly secret?: true;
  readonly sentence: string;
  /** The value of a YAML scalar or list, or of a text; undefined when it is not one of `type`. */
  readonly parse: (given: unknown) => T | undefined;
}

type Details<T> = Omit<Setting<T>, 'type' | 'parse'>;

export const text = (details: Details<string>): Setting<string> => ({
  type: 'text',
  ...details,
  parse: (given) => (typeof given === 'string' ? given : undefined),
});

/** Empty, or long enough that nobody guesses it. */
export const longText = (characters: number, details: Details<string>): Setting<string> => ({
  type: `text of at least ${characters} characters`,
  ...details,
  parse: (given) => (typeof given === 'string' && (given === '' || given.length >= characters) ? given : undefined),
});

/** Without user and password, as it is shown to everybody. */
export const httpAddress = (details: Details<string>): Setting<string> => ({
  type: 'http(s) address without credentials',
  ...details,
  parse: (given) => {
    if (typeof given !== 'string' || !URL.canParse(given)) return undefined;
    const { protocol, username, password } = new URL(given);
    return /^https?:$/.test(protocol) && username === '' && password === '' ? given : undefined;
  },
});

/** May hold a password, so its setting is a secret one. */
export const postgresAddress = (details: Details<string>): Setting<string> => ({
  type: 'postgresql:// address',
  ...details,
  parse: (given) =>
    typeof given === 'string' && /^postgres(ql)?:\/\//.test(given) && URL.canParse(given) ? given : undefined,
});

/** May hold a password, so its setting is a secret one. Its path, if any, is the number of a database. */
export const redisAddress = (details: Details<string>): Setting<string> => ({
  type: 'redis://host:port/database address, the database a number',
  ...details,
  parse: (given) => {
    if (typeof given !== 'string' || !/^rediss?:\/\//.test(given) || !URL.canParse(given)) return undefined;
    return /^\/?\d*$/.test(new URL(given).pathname) ? given : undefined;
  },
});

/** Bytes as hex digits, two for each of `bytes`. */
export const hexKey = (bytes: number, details: Details<string>): Setting<string> => ({
  type: `${2 * bytes} hex digits`,
  ...details,
  parse: (given) =>
    typeof given === 'string' && given.length === 2 * bytes && /^[0-9a-f]*$/i.test(given)
      ? given.toLowerCase()
      : undefined,
});

export const number = (type: 'number' | 'whole number', details: Details<number>): Setting<number> => ({
  type,
  ...details,
  parse: (given) => {
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    if (typeof value !== 'number' || (type === 'whole number' && !Number.isInteger(value))) return undefined;
    return value >= (details.minimum ?? -Infinity) && value <= (details.maximum ?? Infinity) ? value : undefined;
  },
});

export const choice = <T extends string>(choices: readonly T[], details: Details<T>): Setting<T> => ({
  type: choices.join(' | '),
  ...details,
  parse: (given) => choices.find((candidate) => candidate === given),
});

export const flag = (details: Details<boolean>): Setting<boolean> => ({
  type: 'true | false',
  ...details,
  parse: (given) =>
    given === true || given === 'true' ? true : given === false || given === 'false' ? false : undefined,
});

export const list = (details: Details<readonly string[]>): Setting<readonly string[]> => ({
  type: 'list, separated by commas',
  ...details,
  parse: (given) => {
    const items: unknown = typeof given === 'string' ? given.split(',').map((item) => item.trim()) : given;
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) return undefined;
    return Object.freeze(items.filter((item) => item !== ''));
  },
});

/** `*`, or what browsers send as Origin of a page at `given`; undefined when that is more than an origin, or none. */
function originOf(given: string): string | undefined {
  if (given === '*') return given;
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@*]+\/?$/i.test(given) || !URL.canParse(given)) return undefined;
  const { protocol, host, origin } = new URL(given);
  return origin === 'null' ? `${protocol}//${host}` : origin; // that of pages of an app is not told by URL
}

/** Compared with what browsers send, so one with a path or without its scheme would never be met. */
export const origins = (details: Details<readonly string[]>): Setting<readonly string[]> => {
  const texts = list(details);
  return {
    ...texts,
    type: 'https://host:port or *, separated by commas',
    parse: (given) => {
      const found = texts.parse(given)?.map(originOf);
      return found?.every((origin) => origin !== undefined) === true ? Object.freeze(found) : undefined;
    },
  };
};

/** What a setting accepts instead of `given`, in words: of what YAML took for a number, the text is lost. */
export function expectedInstead(setting: Setting, given: unknown): string {
  const isUnquoted = setting.type.startsWith('text') && (typeof given === 'number' || typeof given === 'boolean');
  return `${expected(setting)}${isUnquoted ? ' in quotes' : ''}`;
}

/** What a setting accepts, in words. */
export function expected({ type, minimum, maximum }: Setting): string {
  if (minimum === undefined || maximum === undefined) return type;
  return `${type} from ${minimum} to ${maximum}`;
}
