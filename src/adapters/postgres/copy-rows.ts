/**
 * Rows in the binary form that COPY reads. Grammar: signature, flags i32, header extension i32; then for each row its
 * column count i16 and for each column its byte count i32 (−1 for null) and its bytes; at the end i16 −1. Big-endian.
 * Source: PostgreSQL documentation, COPY, “Binary Format”.
 */
import {
  type Element,
  type ElementType,
  floatArrayBytes,
  MAX_BYTES_OF_A_CHARACTER,
  writeElement,
  writeFloatArray,
} from './binary-array.ts';

const FLAGS_AND_EXTENSION_BYTES = 8; // none of either
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(FLAGS_AND_EXTENSION_BYTES)]);
const LENGTH_BYTES = 4;
/** The longest of the types that are not text: a numeric of six digits. */
const LONGEST_FIXED_BYTES = 20;
const NULL_LENGTH = -1;
const END = -1;
const JSONB_VERSION = 1;

/** A numeric digit holds four decimal ones. Source: PostgreSQL, numeric.c, NBASE. */
const BASE = 10_000;
const DECIMALS_OF_A_DIGIT = 4;
/** Digits of a double that PostgreSQL keeps when it makes a numeric of it. Source: float8_numeric, DBL_DIG. */
const DOUBLE_DIGITS = 15;

/** A value ≥ 0 in units of 0.0001, rounded to `decimals` ≤ 4 as PostgreSQL rounds a double: by its decimal digits. */
function tenThousandths(value: number, decimals: number): number {
  const [whole = '0', fraction = ''] = value < 1e-6 ? [] : value.toPrecision(DOUBLE_DIGITS).split('.');
  if (whole.includes('e')) return value * BASE;
  const kept = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  const rounded = kept + (fraction.charCodeAt(decimals) >= '5'.charCodeAt(0) ? 1 : 0);
  return rounded * 10 ** (DECIMALS_OF_A_DIGIT - decimals);
}

/** Writes a count of ten-thousandths as a numeric and returns its byte count. */
function writeNumeric(buffer: Buffer, offset: number, units: number, decimals: number): number {
  const digits = [units % BASE];
  for (let rest = Math.floor(units / BASE); rest > 0; rest = Math.floor(rest / BASE)) digits.unshift(rest % BASE);
  buffer.writeInt16BE(digits.length, offset);
  buffer.writeInt16BE(digits.length - 2, offset + 2); // power of the base of the first digit
  buffer.writeInt16BE(0, offset + 4); // positive
  buffer.writeInt16BE(decimals, offset + 6);
  digits.forEach((digit, index) => buffer.writeInt16BE(digit, offset + 8 + 2 * index));
  return 8 + 2 * digits.length;
}

export interface RowWriter {
  /** Begins a row of so many columns. */
  row(columns: number): void;
  value(type: ElementType, value: Element | undefined): void;
  /** A number ≥ 0. */
  numeric(value: number, decimals: number): void;
  jsonb(text: string | null): void;
  floats(vector: Float64Array): void;
  /** Ends the rows and gives them all; nothing is written after. */
  end(): Buffer;
}

/** A writer that begins with room for `capacity` bytes and grows when it must. */
export function createRowWriter(capacity: number): RowWriter {
  let buffer = Buffer.allocUnsafe(capacity + HEADER.length);
  let at = HEADER.copy(buffer);
  const room = (bytes: number): void => {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };
  /** Closes a value of `bytes` bytes that stands behind the place of its length. */
  const close = (bytes: number): void => {
    buffer.writeInt32BE(bytes, at);
    at += LENGTH_BYTES + Math.max(0, bytes);
  };
  return {
    row(columns) {
      room(2);
      at = buffer.writeInt16BE(columns, at);
    },
    value(type, value) {
      room(LENGTH_BYTES + (typeof value === 'string' ? MAX_BYTES_OF_A_CHARACTER * value.length : LONGEST_FIXED_BYTES));
      if (value === null || value === undefined) close(NULL_LENGTH);
      else close(writeElement(buffer, at + LENGTH_BYTES, type, value));
    },
    numeric(value, decimals) {
      room(LENGTH_BYTES + LONGEST_FIXED_BYTES);
      close(writeNumeric(buffer, at + LENGTH_BYTES, tenThousandths(value, decimals), decimals));
    },
    jsonb(text) {
      room(LENGTH_BYTES + 1 + MAX_BYTES_OF_A_CHARACTER * (text?.length ?? 0));
      if (text === null) return close(NULL_LENGTH);
      buffer[at + LENGTH_BYTES] = JSONB_VERSION;
      close(1 + buffer.write(text, at + LENGTH_BYTES + 1));
    },
    floats(vector) {
      const bytes = floatArrayBytes(vector);
      room(LENGTH_BYTES + bytes);
      writeFloatArray(buffer, at + LENGTH_BYTES, vector);
      close(bytes);
    },
    end() {
      room(2);
      at = buffer.writeInt16BE(END, at);
      return buffer.subarray(0, at);
    },
  };
}
