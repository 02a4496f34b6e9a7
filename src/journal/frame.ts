/**
 * A record as a frame of bytes, checked by a CRC.
 *
 *     offset  bytes  field (little-endian)
 *          0      4  length of the frame, a multiple of 8
 *          4      4  CRC-32 of all that follows, padding included
 *          8      1  record type (place in RECORD_TYPES)
 *          9      1  format of the body
 *         10      1  bytes a character of the text area, 1 or 2
 *         11      1  zero
 *         12      4  where the text area begins, from the start of the frame
 *         16      8  seq, f64
 *         24      8  arrival, epoch milliseconds, f64
 *         32      …  body: numbers and text lengths; then the text area; then zeros
 */
import {
  type ByteReader,
  type ByteWriter,
  createByteReader,
  type PutCharacters,
  putTextArea,
  type TextWidth,
  viewOf,
} from './bytes.ts';
import { putDecision, takeDecision } from './decision-bytes.ts';
import { putLabelRecord, takeLabelRecord } from './label-bytes.ts';
import { type JournalRecord, RECORD_FORMAT, type Unplaced } from './record.ts';
import {
  putCacheHit,
  putChange,
  putDeadLetter,
  putTables,
  takeCacheHit,
  takeChange,
  takeDeadLetter,
  takeTables,
} from './small-bytes.ts';

export const FRAME_HEADER_BYTES = 32;
/** Frames begin at multiples of this, so that no reader needs unaligned words. */
const FRAME_ALIGNMENT = 8;

/** What the codecs cannot do without the platform. */
export interface BytePrimitives {
  /** CRC-32 (IEEE 802.3) of bytes[start, end), unsigned. */
  crc32(bytes: Uint8Array, start: number, end: number): number;
  /** bytes[start, end) as a text of one byte (U+0000–U+00FF) or two (UTF-16, little-endian) a character. */
  takeCharacters(bytes: Uint8Array, start: number, end: number, width: TextWidth): string;
  readonly putCharacters: PutCharacters;
}

/** Append only: the place in this list is what the journal holds. */
const RECORD_TYPES = [
  'decision',
  'label',
  'cache_hit',
  'tables',
  'change',
  'dead_letter',
] as const satisfies readonly JournalRecord['type'][];

const DECISION_TYPE = RECORD_TYPES.indexOf('decision');

/**
 * Writes `record` as a frame at `writer.at`, a multiple of 8, and moves past it; returns the frame's length, or 0 and
 * leaves the writer where it was when the buffer has too little room.
 */
export function putRecord(writer: ByteWriter, record: Unplaced, seq: number, primitives: BytePrimitives): number {
  const start = writer.at;
  try {
    writer.at = start + FRAME_HEADER_BYTES;
    putBody(writer, record);
    const textAt = writer.at;
    const width = putTextArea(writer, primitives.putCharacters);
    const end = Math.ceil(writer.at / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
    if (end > writer.bytes.length) throw new RangeError('no room for the padding');
    for (let at = writer.at; at < end; at += 1) writer.bytes[at] = 0;
    const { view } = writer;
    view.setUint32(start, end - start, true);
    view.setUint32(start + 8, RECORD_TYPES.indexOf(record.type) | (RECORD_FORMAT << 8) | (width << 16), true);
    view.setUint32(start + 12, textAt - start, true);
    view.setFloat64(start + 16, seq, true);
    view.setFloat64(start + 24, record.arrivalMs, true);
    view.setUint32(start + 4, primitives.crc32(writer.bytes, start + 8, end), true);
    writer.at = end;
    return end - start;
  } catch (error) {
    writer.at = start;
    writer.text = '';
    if (error instanceof RangeError) return 0;
    throw error;
  }
}

function putBody(writer: ByteWriter, record: Unplaced): void {
  switch (record.type) {
    case 'decision':
      return putDecision(writer, record);
    case 'label':
      return putLabelRecord(writer, record);
    case 'cache_hit':
      return putCacheHit(writer, record);
    case 'tables':
      return putTables(writer, record);
    case 'change':
      return putChange(writer, record);
    case 'dead_letter':
      return putDeadLetter(writer, record);
  }
}

/** What is wrong with the frame at `at`, which must end by `end`; undefined when it is whole. */
export function frameProblem(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  crc32: BytePrimitives['crc32'],
): string | undefined {
  if (at + FRAME_HEADER_BYTES > end) return 'the record header is cut off';
  const length = view.getUint32(at, true);
  if (length < FRAME_HEADER_BYTES || length % FRAME_ALIGNMENT !== 0 || at + length > end) {
    return `the record length ${length} is impossible`;
  }
  return crc32(bytes, at + 8, at + length) === view.getUint32(at + 4, true)
    ? undefined
    : 'the record checksum does not match';
}

export function frameLength(view: DataView, at: number): number {
  return view.getUint32(at, true);
}

export function frameSeq(view: DataView, at: number): number {
  return view.getFloat64(at + 16, true);
}

export function frameArrivalMs(view: DataView, at: number): number {
  return view.getFloat64(at + 24, true);
}

export function isDecisionFrame(view: DataView, at: number): boolean {
  return view.getUint8(at + 8) === DECISION_TYPE;
}

/** Where a decision frame keeps the 16 bytes of its request hash. */
export function requestHashAt(at: number): number {
  return at + FRAME_HEADER_BYTES;
}

/** A reader at the body of the whole frame at `at`, its texts decoded. Throws on a format this version cannot read. */
function openBody(bytes: Uint8Array, view: DataView, at: number, primitives: BytePrimitives): ByteReader {
  const format = view.getUint8(at + 9);
  if (format !== RECORD_FORMAT) {
    throw new RangeError(`record format ${format} is not known to this version, which reads ${RECORD_FORMAT}`);
  }
  const length = frameLength(view, at);
  const textAt = view.getUint32(at + 12, true);
  const width = view.getUint8(at + 10);
  if ((width !== 1 && width !== 2) || textAt < FRAME_HEADER_BYTES || textAt > length) {
    throw new RangeError('the text area is misplaced');
  }
  const text = primitives.takeCharacters(bytes, at + textAt, at + length, width);
  return createByteReader(bytes, at + FRAME_HEADER_BYTES, text);
}

/** The transaction id of the decision frame at `at`, without decoding the rest. */
export function frameTransactionId(bytes: Uint8Array, view: DataView, at: number, primitives: BytePrimitives): string {
  const lengthAt = at + FRAME_HEADER_BYTES + 16;
  const short = view.getUint8(lengthAt);
  const length = short === 255 ? view.getUint32(lengthAt + 1, true) : short;
  const textAt = at + view.getUint32(at + 12, true);
  const width = view.getUint8(at + 10) === 1 ? 1 : 2;
  return primitives.takeCharacters(bytes, textAt, textAt + length * width, width);
}

/** How many frames lie in `frames`, one after the other, and what the last one is. At least one must be there. */
export function surveyFrames(frames: Uint8Array): {
  readonly count: number;
  readonly lastSeq: number;
  readonly lastArrivalMs: number;
  /** Its CRC-32. */
  readonly lastChecksum: number;
} {
  const view = viewOf(frames);
  let count = 1;
  let at = 0;
  for (let next = frameLength(view, at); next < frames.length; next = at + frameLength(view, at)) {
    at = next;
    count += 1;
  }
  return {
    count,
    lastSeq: frameSeq(view, at),
    lastArrivalMs: frameArrivalMs(view, at),
    lastChecksum: view.getUint32(at + 4, true),
  };
}

/**
 * The records with a seq above `afterSeq` in `frames`, one after the other. Throws a RangeError that names the record
 * which is damaged or which this version cannot read.
 */
export function takeRecords(frames: Uint8Array, primitives: BytePrimitives, afterSeq = 0): JournalRecord[] {
  const view = viewOf(frames);
  const records: JournalRecord[] = [];
  for (let at = 0; at < frames.length; at += frameLength(view, at)) {
    const problem = frameProblem(frames, view, at, frames.length, primitives.crc32);
    if (problem !== undefined) throw new RangeError(`after seq ${records.at(-1)?.seq ?? afterSeq}: ${problem}`);
    if (frameSeq(view, at) > afterSeq) records.push(takeRecord(frames, view, at, primitives));
  }
  return records;
}

/** The record in the whole frame at `at`. Throws a RangeError that says what this version cannot read. */
export function takeRecord(bytes: Uint8Array, view: DataView, at: number, primitives: BytePrimitives): JournalRecord {
  const code = view.getUint8(at + 8);
  const type = RECORD_TYPES[code];
  if (type === undefined) throw new RangeError(`record type ${code} is not known to this version`);
  const seq = frameSeq(view, at);
  const arrivalMs = frameArrivalMs(view, at);
  const reader = openBody(bytes, view, at, primitives);
  switch (type) {
    case 'decision':
      return takeDecision(reader, seq, arrivalMs);
    case 'label':
      return takeLabelRecord(reader, seq, arrivalMs);
    case 'cache_hit':
      return takeCacheHit(reader, seq, arrivalMs);
    case 'tables':
      return takeTables(reader, seq, arrivalMs);
    case 'change':
      return takeChange(reader, seq, arrivalMs);
    case 'dead_letter':
      return takeDeadLetter(reader, seq, arrivalMs);
  }
}
