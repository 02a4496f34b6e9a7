/** An entity's history as a shared store keeps it: an image of its profile, and the events since, in one string. */
import { eventBytes, seqOfEvent, putU48, takeU48 } from './entity-event.ts';

/**
 * Bytes, little-endian: offset of the image u48 · length of the image u32 · image · events. Offsets count the bytes of all
 * events of the entity ever, those in the image too: with them a reader says how far it has come, and the image may be
 * renewed behind its back.
 */
export const HISTORY_HEAD_BYTES = 10;

export interface History {
  /** Events up to this offset are in the image. */
  readonly imageOffset: number;
  readonly imageBytes: number;
  /** Undefined when it was left out. */
  readonly image?: Uint8Array;
  /** Offset of the first event given, and where it lies in the bytes. */
  readonly from: number;
  readonly eventsAt: number;
  /** Offset behind the last event. */
  readonly end: number;
}

/** Asks for a whole history, by one who knows nothing of it. */
export const NOTHING_KNOWN = -1;

/**
 * Takes apart what a store answers one who knows an entity’s events up to `knownTo`: the head and the events from there
 * on; or the whole history, when they begin in the image. An entity never seen has a history of no bytes.
 */
export function openHistory(bytes: Uint8Array, knownTo = NOTHING_KNOWN): History {
  if (bytes.length === 0) return { imageOffset: 0, imageBytes: 0, from: 0, eventsAt: 0, end: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const imageOffset = takeU48(view, 0);
  const imageBytes = view.getUint32(6, true);
  if (knownTo >= imageOffset) {
    const end = knownTo + bytes.length - HISTORY_HEAD_BYTES;
    return { imageOffset, imageBytes, from: knownTo, eventsAt: HISTORY_HEAD_BYTES, end };
  }
  const eventsAt = HISTORY_HEAD_BYTES + imageBytes;
  if (eventsAt > bytes.length) throw new RangeError('invalid history: cut short');
  const image = bytes.subarray(HISTORY_HEAD_BYTES, eventsAt);
  return { imageOffset, imageBytes, image, from: imageOffset, eventsAt, end: imageOffset + bytes.length - eventsAt };
}

/** The head and image of a history whose image holds all events up to `offset`. */
export function historyHead(offset: number, image: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HISTORY_HEAD_BYTES + image.length);
  const view = new DataView(bytes.buffer);
  putU48(view, 0, offset);
  view.setUint32(6, image.length, true);
  bytes.set(image, HISTORY_HEAD_BYTES);
  return bytes;
}

/** The offset in a whole history up to which every event has a seq below `seq`. */
export function offsetBefore(bytes: Uint8Array, seq: number): number {
  const { imageOffset, eventsAt } = openHistory(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = eventsAt;
  while (at < bytes.length && seqOfEvent(view, at) < seq) at += eventBytes(view, at);
  return imageOffset + at - eventsAt;
}
