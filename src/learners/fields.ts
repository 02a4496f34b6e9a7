/** Reads and writes the fields of model documents: numbers exactly, and nothing damaged gets through. */
import { type ModelDocument } from './protocol.ts';

const BYTES_PER_CHUNK = 0x2000;

type Fields = Readonly<Record<string, unknown>>;

/** Says which field of a document cannot be right. */
export function damaged(field: string, problem: string): Error {
  return new Error(`damaged model document: ${field} ${problem}`);
}

/** Base64 of little-endian doubles. */
export function packDoubles(values: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let index = 0; index < values.length; index++) view.setFloat64(8 * index, values[index]!, true);
  return toBase64(view);
}

/** Base64 of bytes. */
export function packBytes(values: ArrayLike<number>): string {
  return toBase64(new DataView(Uint8Array.from(values).buffer));
}

/** Base64 of little-endian 32-bit integers. */
export function packIntegers(values: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let index = 0; index < values.length; index++) view.setInt32(4 * index, values[index]!, true);
  return toBase64(view);
}

function toBase64(view: DataView): string {
  const bytes = new Uint8Array(view.buffer);
  let text = '';
  for (let from = 0; from < bytes.length; from += BYTES_PER_CHUNK) {
    text += String.fromCharCode(...bytes.subarray(from, from + BYTES_PER_CHUNK));
  }
  return btoa(text);
}

function fromBase64(fields: Fields, field: string, width: number): DataView {
  const packed = fields[field];
  if (typeof packed !== 'string') throw damaged(field, 'is missing');
  let text: string;
  try {
    text = atob(packed);
  } catch (cause) {
    throw new Error(damaged(field, 'is not base64').message, { cause });
  }
  if (text.length % width !== 0) throw damaged(field, 'is cut short');
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = text.charCodeAt(index);
  return new DataView(bytes.buffer);
}

/** Doubles packed by `packDoubles`; of the given length when one is given. */
export function readDoubles(fields: Fields, field: string, length?: number): Float64Array {
  const view = fromBase64(fields, field, 8);
  const values = new Float64Array(view.byteLength / 8);
  for (let index = 0; index < values.length; index++) values[index] = view.getFloat64(8 * index, true);
  return ofLength(values, field, length);
}

/** Integers packed by `packIntegers`; of the given length when one is given. */
export function readIntegers(fields: Fields, field: string, length?: number): Int32Array {
  const view = fromBase64(fields, field, 4);
  const values = new Int32Array(view.byteLength / 4);
  for (let index = 0; index < values.length; index++) values[index] = view.getInt32(4 * index, true);
  return ofLength(values, field, length);
}

/** Bytes packed by `packBytes`; of the given length when one is given. */
export function readBytes(fields: Fields, field: string, length?: number): Uint8Array {
  return ofLength(new Uint8Array(fromBase64(fields, field, 1).buffer), field, length);
}

function ofLength<Values extends { readonly length: number }>(values: Values, field: string, length?: number): Values {
  if (length !== undefined && values.length !== length) {
    throw damaged(field, `holds ${values.length} values, not ${length}`);
  }
  return values;
}

/** The same, refusing NaN and infinities. */
export function readFiniteDoubles(fields: Fields, field: string, length?: number): Float64Array {
  const values = readDoubles(fields, field, length);
  if (!values.every(Number.isFinite)) throw damaged(field, 'holds a value that is not finite');
  return values;
}

export function readNumber(fields: Fields, field: string): number {
  const value = fields[field];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw damaged(field, 'is not a number');
  return value;
}

/** A whole number from 0 on. */
export function readCount(fields: Fields, field: string): number {
  const value = readNumber(fields, field);
  if (!Number.isInteger(value) || value < 0) throw damaged(field, 'is not a count');
  return value;
}

export function readText(fields: Fields, field: string): string {
  const value = fields[field];
  if (typeof value !== 'string') throw damaged(field, 'is not a text');
  return value;
}

/** One of a list of texts. */
export function readChoice<Choice extends string>(fields: Fields, field: string, choices: readonly Choice[]): Choice {
  const value = readText(fields, field);
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw damaged(field, `is ${JSON.stringify(value)}, not one of ${choices.join(', ')}`);
  return choice;
}

/** A plain object. */
export function readObject(value: unknown, field: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged(field, 'is not an object');
  return value as Fields;
}

export function readList(fields: Fields, field: string): readonly unknown[] {
  const value = fields[field];
  if (!Array.isArray(value)) throw damaged(field, 'is not a list');
  return value;
}

/** An object that names its kind and its number of features: a model document on the face of it. */
export function readModelDocument(value: unknown, field: string): ModelDocument {
  const fields = readObject(value, field);
  return { ...fields, kind: readText(fields, 'kind'), featureCount: readCount(fields, 'featureCount') };
}
