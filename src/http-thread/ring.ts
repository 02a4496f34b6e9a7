/** A queue of byte messages from one thread to one other, in memory both see. */

/** What both threads are given. */
export interface RingMemory {
  /** Three words: bytes ever written and ever read, both modulo 2^32, and whether the reader sleeps. */
  readonly control: Int32Array<SharedArrayBuffer>;
  /** The messages, each behind its length; as many bytes as a power of two. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

const WRITTEN = 0;
const READ = 1;
const ASLEEP = 2;
const CONTROL_WORDS = 3;

const LENGTH_BYTES = 4;
/** Messages begin at multiples of this, so that their length is one aligned word. */
const ALIGNMENT = 8;
/** In the place of a length: the rest up to the end of the ring is empty. */
const SKIP = 0xffffffff;

/** Room for messages of `capacity` bytes in all, a power of two. */
export function createRingMemory(capacity: number): RingMemory {
  if (capacity < ALIGNMENT || (capacity & (capacity - 1)) !== 0) throw new RangeError('expected a power of two');
  return {
    control: new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT)),
    bytes: new Uint8Array(new SharedArrayBuffer(capacity)),
  };
}

const occupied = (length: number): number => Math.ceil((LENGTH_BYTES + length) / ALIGNMENT) * ALIGNMENT;

/** The longest message that a ring of `memory` is sure to take once it is empty, wherever its end then is. */
export function longestMessage({ bytes }: RingMemory): number {
  return bytes.length / 2 - ALIGNMENT;
}

export interface RingWriter {
  /** Writes source[0, length); false when there is no room for it now. */
  put(source: Uint8Array, length: number): boolean;
  /** True once when the reader sleeps: it must be woken by whoever asks. */
  mustWake(): boolean;
}

export function createRingWriter({ control, bytes }: RingMemory): RingWriter {
  const capacity = bytes.length;
  const view = new DataView(bytes.buffer);
  let written = Atomics.load(control, WRITTEN);

  return {
    put(source, length) {
      const free = capacity - ((written - Atomics.load(control, READ)) >>> 0);
      const size = occupied(length);
      const at = written & (capacity - 1);
      const skipped = at + size > capacity ? capacity - at : 0;
      if (skipped + size > free) return false;
      if (skipped > 0) view.setUint32(at, SKIP, true);
      const start = skipped > 0 ? 0 : at;
      view.setUint32(start, length, true);
      bytes.set(length === source.length ? source : source.subarray(0, length), start + LENGTH_BYTES);
      written = (written + skipped + size) | 0;
      Atomics.store(control, WRITTEN, written);
      return true;
    },
    mustWake: () => Atomics.load(control, ASLEEP) === 1 && Atomics.compareExchange(control, ASLEEP, 1, 0) === 1,
  };
}

export interface RingReader {
  /**
   * Hands out what was written before the call, message by message; true when more has come since. The bytes are the
   * ring's own and valid during `take` only.
   */
  drain(take: (bytes: Uint8Array, start: number, end: number) => void): boolean;
  /** Says that this reader waits to be woken; false when there is something to read after all. */
  sleep(): boolean;
}

export function createRingReader({ control, bytes }: RingMemory): RingReader {
  const capacity = bytes.length;
  const view = new DataView(bytes.buffer);
  let read = Atomics.load(control, READ);

  return {
    drain(take) {
      const until = Atomics.load(control, WRITTEN);
      while (read !== until) {
        const at = read & (capacity - 1);
        const length = view.getUint32(at, true);
        if (length === SKIP) {
          read = (read + capacity - at) | 0;
        } else {
          const start = at + LENGTH_BYTES;
          take(bytes, start, start + length);
          read = (read + occupied(length)) | 0;
        }
        Atomics.store(control, READ, read);
      }
      return Atomics.load(control, WRITTEN) !== read;
    },
    sleep() {
      Atomics.store(control, ASLEEP, 1);
      if (Atomics.load(control, WRITTEN) === read) return true;
      Atomics.store(control, ASLEEP, 0); // a writer that saw it asleep wakes it once too often, which does no harm
      return false;
    },
  };
}
