/** A cursor that writes and one that reads: numbers in place, texts gathered into one area behind them. */

/**
 * Where a record is being written. Texts are only measured in place; their characters follow all numbers, so that a
 * reader decodes them with one call. A RangeError means that the buffer is too small.
 */
export interface ByteWriter {
  bytes: Uint8Array;
  view: DataView;
  at: number;
  /** The characters of the texts measured so far, to be written by `putTextArea`. */
  text: string;
}

export interface ByteReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  /** The whole text area, decoded. */
  readonly text: string;
  textAt: number;
}

/** Bytes of one character of a text area: 1 while all are below U+0100, else 2 (UTF-16 code units, any text at all). */
export type TextWidth = 1 | 2;

/** Writes `text` at `at`, `width` bytes a character, little-endian; the caller has made sure of the room. */
export type PutCharacters = (bytes: Uint8Array, at: number, text: string, width: TextWidth) => void;

/** A character that does not fit one byte. */
const WIDE = /[^\x00-\xff]/;

/** A count below this takes one byte; others take this byte and four more. */
const LONG_COUNT = 255;

export function createByteWriter(bytes: Uint8Array): ByteWriter {
  return { bytes, view: viewOf(bytes), at: 0, text: '' };
}

export function createByteReader(bytes: Uint8Array, at: number, text: string): ByteReader {
  return { bytes, view: viewOf(bytes), at, text, textAt: 0 };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function putU8(writer: ByteWriter, value: number): void {
  writer.view.setUint8(writer.at, value);
  writer.at += 1;
}

export function takeU8(reader: ByteReader): number {
  const value = reader.view.getUint8(reader.at);
  reader.at += 1;
  return value;
}

export function putU32(writer: ByteWriter, value: number): void {
  writer.view.setUint32(writer.at, value, true);
  writer.at += 4;
}

export function takeU32(reader: ByteReader): number {
  const value = reader.view.getUint32(reader.at, true);
  reader.at += 4;
  return value;
}

export function putF64(writer: ByteWriter, value: number): void {
  writer.view.setFloat64(writer.at, value, true);
  writer.at += 8;
}

export function takeF64(reader: ByteReader): number {
  const value = reader.view.getFloat64(reader.at, true);
  reader.at += 8;
  return value;
}

/** A count or length, 0 … 2^32 − 1. */
export function putCount(writer: ByteWriter, count: number): void {
  if (count < LONG_COUNT) {
    putU8(writer, count);
  } else {
    putU8(writer, LONG_COUNT);
    putU32(writer, count);
  }
}

export function takeCount(reader: ByteReader): number {
  const count = takeU8(reader);
  return count === LONG_COUNT ? takeU32(reader) : count;
}

/** Writes the length of `text` in UTF-16 code units and keeps its characters for the text area. */
export function putText(writer: ByteWriter, text: string): void {
  putCount(writer, text.length);
  writer.text += text;
}

export function takeText(reader: ByteReader): string {
  const start = reader.textAt;
  reader.textAt = start + takeCount(reader);
  if (reader.textAt > reader.text.length) throw new RangeError('a text runs past the end of its record');
  return reader.text.slice(start, reader.textAt);
}

/** Writes the characters of all texts put so far with `putCharacters` and forgets them. */
export function putTextArea(writer: ByteWriter, putCharacters: PutCharacters): TextWidth {
  const { text } = writer;
  const width = WIDE.test(text) ? 2 : 1;
  if (writer.at + text.length * width > writer.bytes.length) throw new RangeError('no room for the texts');
  putCharacters(writer.bytes, writer.at, text, width);
  writer.at += text.length * width;
  writer.text = '';
  return width;
}
