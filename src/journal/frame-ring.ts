/** The newest frames in one block of memory of fixed size; the oldest make room. */
import { viewOf } from './bytes.ts';

export interface FrameRing {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /**
   * Keeps a copy and returns its place, below `capacity`. `onForgotten` is called with the place of each older frame that
   * makes room, while its bytes still stand. A frame larger than all the room is a RangeError.
   */
  put(frame: Uint8Array, onForgotten: (place: number) => void): number;
  /** Whether a frame is at `place`. */
  isHeld(place: number): boolean;
  /** Where the frame at `place` begins in `bytes`. */
  startOf(place: number): number;
  newestFirst(): Iterable<number>;
}

/** Room for at most `capacity` frames of `size` bytes together. */
export function createFrameRing(capacity: number, size: number): FrameRing {
  const bytes = new Uint8Array(size);
  const starts = new Float64Array(capacity);
  const ends = new Float64Array(capacity);
  /** Frames ever put, and ever forgotten. */
  let put = 0;
  let forgotten = 0;
  let end = 0;

  const isInTheWay = (place: number, from: number, to: number): boolean => starts[place]! < to && ends[place]! > from;

  return {
    bytes,
    view: viewOf(bytes),
    put(frame, onForgotten) {
      if (frame.length > size) throw new RangeError(`a frame of ${frame.length} bytes does not fit ${size}`);
      const forgetOldest = (): void => onForgotten(forgotten++ % capacity);
      if (end + frame.length > size) {
        // What lies between the end and the edge is older than anything before the end.
        while (forgotten < put && starts[forgotten % capacity]! >= end) forgetOldest();
        end = 0;
      }
      while (
        forgotten < put &&
        (put - forgotten === capacity || isInTheWay(forgotten % capacity, end, end + frame.length))
      )
        forgetOldest();
      const place = put++ % capacity;
      bytes.set(frame, end);
      starts[place] = end;
      end += frame.length;
      ends[place] = end;
      return place;
    },
    isHeld: (place) => (place - (forgotten % capacity) + capacity) % capacity < put - forgotten,
    startOf: (place) => starts[place]!,
    *newestFirst() {
      for (let index = put - 1; index >= forgotten; index--) yield index % capacity;
    },
  };
}
