/** The shared memory of a fit: fields at fixed places, and areas handed out one after the other. */
import { FIRST_FREE } from './job.ts';

/** What 32-bit addresses reach: 4 GiB. */
export const MOST_BYTES = 2 ** 32;
/** Areas begin on cache lines. */
const LINE_BYTES = 64;

export interface Arena {
  /** Address of an area of at least `bytes`; its content is arbitrary. Throws RangeError when the memory is used up. */
  reserve(bytes: number): number;
  /** Takes an area back, to be handed out again. */
  release(address: number, bytes: number): void;
  get(field: number): number;
  set(field: number, value: number): void;
  setDouble(field: number, value: number): void;
  bytes(address: number, count: number): Uint8Array;
  words(address: number, count: number): Uint16Array;
  integers(address: number, count: number): Uint32Array;
  doubles(address: number, count: number): Float64Array;
}

/** `bytes` rounded up to what an area takes. */
export const wholeLines = (bytes: number): number => Math.ceil(Math.max(1, bytes) / LINE_BYTES) * LINE_BYTES;

/** What `areas` areas of `bytes` in all may take, the fields included. */
export const memoryFor = (bytes: number, areas: number): number => bytes + LINE_BYTES * areas + wholeLines(FIRST_FREE);

export function createArena(buffer: ArrayBufferLike): Arena {
  let next = wholeLines(FIRST_FREE);
  let released: { readonly address: number; readonly bytes: number }[] = [];
  const view = new DataView(buffer);

  function reserve(asked: number): number {
    const bytes = wholeLines(asked);
    const fit = released.find((area) => area.bytes >= bytes);
    if (fit !== undefined) {
      released = released.filter((area) => area !== fit);
      if (fit.bytes > bytes) released.push({ address: fit.address + bytes, bytes: fit.bytes - bytes });
      return fit.address;
    }
    const address = next;
    next += bytes;
    if (next > buffer.byteLength) throw new RangeError('training set: needs more than 4 GiB to grow trees on');
    return address;
  }

  return {
    reserve,
    release: (address, bytes) => void released.push({ address, bytes: wholeLines(bytes) }),
    get: (field) => view.getUint32(field, true),
    set: (field, value) => view.setInt32(field, value, true),
    setDouble: (field, value) => view.setFloat64(field, value, true),
    bytes: (address, count) => new Uint8Array(buffer, address, count),
    words: (address, count) => new Uint16Array(buffer, address, count),
    integers: (address, count) => new Uint32Array(buffer, address, count),
    doubles: (address, count) => new Float64Array(buffer, address, count),
  };
}
