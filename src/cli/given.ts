/** The words of a command line, checked against what the command declares. */
import { SentinelError } from '../domain/errors.ts';
import { type Command, type Given, type Option } from './command.ts';

/** The value of an option's text. Throws USAGE. */
export function parseOption(option: Option, text: string): string | number {
  const misuse = (expected: string): SentinelError =>
    new SentinelError('USAGE', { problem: `--${option.name}: expected ${expected}, got ${JSON.stringify(text)}` });
  if (option.type === 'flag') throw new TypeError(`--${option.name} takes no value`);
  if (option.type === 'text') {
    if (option.choices?.includes(text) === false) throw misuse(`one of ${option.choices.join(', ')}`);
    return text;
  }
  const value = text.trim() === '' ? NaN : Number(text);
  const { minimum = -Infinity, maximum = Infinity } = option;
  const fits = Number.isFinite(value) && value >= minimum && value <= maximum;
  if (fits && (option.type === 'number' || Number.isInteger(value))) return value;
  throw misuse(`a ${option.type}${rangeOf(minimum, maximum)}`);
}

function rangeOf(minimum: number, maximum: number): string {
  if (minimum !== -Infinity && maximum !== Infinity) return ` from ${minimum} to ${maximum}`;
  if (minimum !== -Infinity) return ` of at least ${minimum}`;
  return maximum === Infinity ? '' : ` of at most ${maximum}`;
}

/** `values` by name, as the parser left them: parsed options, texts and lists of texts of arguments. */
export function createGiven(command: Command, values: ReadonlyMap<string, unknown>): Given {
  const names = new Set([...(command.arguments ?? []), ...(command.options ?? [])].map(({ name }) => name));
  const find = (name: string): unknown => {
    if (!names.has(name)) throw new TypeError(`the command declares no ${name}`);
    return values.get(name);
  };
  const typed = <T>(name: string, isRight: (value: unknown) => value is T): T | undefined => {
    const value = find(name);
    if (value === undefined || isRight(value)) return value;
    throw new TypeError(`${name} is a ${typeof value}`);
  };
  const required = <T>(name: string, value: T | undefined): T => {
    if (value === undefined) throw new SentinelError('USAGE', { problem: `${name} is needed` });
    return value;
  };
  const optionalText = (name: string): string | undefined => typed(name, (value) => typeof value === 'string');
  const optionalNumber = (name: string): number | undefined => typed(name, (value) => typeof value === 'number');
  return {
    optionalText,
    optionalNumber,
    text: (name) => required(name, optionalText(name)),
    number: (name) => required(name, optionalNumber(name)),
    texts: (name) => typed(name, (value): value is string[] => Array.isArray(value)) ?? [],
    flag: (name) => typed(name, (value) => typeof value === 'boolean') ?? false,
  };
}
