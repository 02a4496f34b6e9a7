/** Universal Binary JSON, the other form in which XGBoost saves models, to the value that JSON would give. */
import { type Place, refused } from '../place.ts';

/** What each marker of a number reads, big-endian, and its bytes. Source: UBJSON specification, draft 12. */
const NUMBERS: Readonly<
  Record<string, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>
> = {
  i: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U: { bytes: 1, read: (view, at) => view.getUint8(at) },
  I: { bytes: 2, read: (view, at) => view.getInt16(at) },
  l: { bytes: 4, read: (view, at) => view.getInt32(at) },
  L: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at)) },
  d: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  D: { bytes: 8, read: (view, at) => view.getFloat64(at) },
};

const CONSTANTS: Readonly<Record<string, unknown>> = { T: true, F: false, Z: null };

/** Deeper than any model: a guard against files made to exhaust the stack. */
const MOST_DEPTH = 64;

/** JSON begins so too, but with a quotation mark, a blank or a brace behind it; this with the type of a length. */
export function isUbjson(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b && bytes[1] !== undefined && 'iUIlL#$'.includes(String.fromCharCode(bytes[1]));
}

/** Refuses what is cut short or no UBJSON, with the byte where it goes wrong. */
export function parseUbjson(bytes: Uint8Array, what: string): Place {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  const wrong = (problem: string): Error => refused(`${what}, byte ${at}`, problem);
  const take = (count: number): number => {
    if (!(count >= 0 && at + count <= bytes.length)) throw wrong('the file ends here');
    at += count;
    return at - count;
  };
  const marker = (): string => String.fromCharCode(bytes[take(1)]!);
  const has = (wanted: string): boolean => {
    if (bytes[at] !== wanted.charCodeAt(0)) return false;
    at++;
    return true;
  };
  const number = (type: string): number => {
    const kind = NUMBERS[type];
    if (kind === undefined) throw wrong(`${JSON.stringify(type)} is no type of a number`);
    return kind.read(view, take(kind.bytes));
  };
  const text = (): string => {
    const length = number(marker());
    const from = take(length);
    return utf8.decode(bytes.subarray(from, from + length));
  };
  /** What a container says of itself: the type of all its values, and how many there are. */
  const header = () => {
    const type = has('$') ? marker() : undefined;
    const count = has('#') ? number(marker()) : undefined;
    if (type !== undefined && count === undefined) throw wrong('a list of one type says no length');
    // Every value but those of constants takes a byte, so a longer list is a lie.
    if (count !== undefined && !(count >= 0 && count <= bytes.length))
      throw wrong(`a length of ${count} is impossible`);
    return { type, count };
  };
  const list = (depth: number): unknown[] => {
    const { type, count } = header();
    const values: unknown[] = [];
    while (count === undefined ? !has(']') : values.length < count) values.push(value(type ?? marker(), depth));
    return values;
  };
  const object = (depth: number): Readonly<Record<string, unknown>> => {
    const { type, count } = header();
    const entries: [string, unknown][] = [];
    while (count === undefined ? !has('}') : entries.length < count)
      entries.push([text(), value(type ?? marker(), depth)]);
    return Object.fromEntries(entries);
  };
  const value = (type: string, depth: number): unknown => {
    if (depth > MOST_DEPTH) throw wrong('is nested too deeply');
    if (type in NUMBERS) return number(type);
    if (type in CONSTANTS) return CONSTANTS[type];
    if (type === 'S') return text();
    if (type === 'C') return marker();
    if (type === '[') return list(depth + 1);
    if (type === '{') return object(depth + 1);
    throw wrong(`${JSON.stringify(type)} is no type of UBJSON`);
  };
  return { path: what, value: value(marker(), 0) };
}
