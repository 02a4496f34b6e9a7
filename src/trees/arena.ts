/** The shared memory of a fit: fields at fixed places, and areas handed out one after the other. */
import { FIRST_FREE } from './job.ts';

const PAGE_BYTES = 65_536;
/** What 32-bit addresses reach: 4 GiB. */
export const MOST_PAGES = 65_536;
/** Areas begin on cache lines. */
const LINE_BYTES = 64;

/** What is needed of a WebAssembly.Memory that is shared. */
export interface GrowingMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

export interface Arena {
  /** Address of an area of at least `bytes`; its content is arbitrary. Throws RangeError beyond 4 GiB in all. */
  reserve(bytes: number): number;
  /** Takes an area back, to be handed out again. */
  release(address: number, bytes: number): void;
  get(field: number): number;
  set(field: number, value: number): void;
  setDouble(field: number, value: number): void;
  /** Views end to be of use when the memory grows: ask again after `reserve`. */
  bytes(address: number, count: number): Uint8Array;
  words(address: number, count: number): Uint16Array;
  integers(address: number, count: number): Uint32Array;
  doubles(address: number, count: number): Float64Array;
}

const wholeLines = (bytes: number): number => Math.ceil(Math.max(1, bytes) / LINE_BYTES) * LINE_BYTES;

export function createArena(memory: GrowingMemory): Arena {
  let next = wholeLines(FIRST_FREE);
  let released: { readonly address: number; readonly bytes: number }[] = [];
  let view = new DataView(memory.buffer);

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
    const missing = Math.ceil((next - memory.buffer.byteLength) / PAGE_BYTES);
    if (next > MOST_PAGES * PAGE_BYTES) throw new RangeError('training set: needs more than 4 GiB to grow trees on');
    if (missing > 0) memory.grow(missing);
    view = new DataView(memory.buffer);
    return address;
  }

  return {
    reserve,
    release: (address, bytes) => void released.push({ address, bytes: wholeLines(bytes) }),
    get: (field) => view.getUint32(field, true),
    set: (field, value) => view.setInt32(field, value, true),
    setDouble: (field, value) => view.setFloat64(field, value, true),
    bytes: (address, count) => new Uint8Array(memory.buffer, address, count),
    words: (address, count) => new Uint16Array(memory.buffer, address, count),
    integers: (address, count) => new Uint32Array(memory.buffer, address, count),
    doubles: (address, count) => new Float64Array(memory.buffer, address, count),
  };
}
