/** Arrays of doubles cut from larger ones: an array of its own costs a microsecond and a visit by the collector. */

/** Arrays cut from one block. A block stays in memory while any of its arrays is used, so it must not be large. */
const ARRAYS_PER_BLOCK = 64;

/** A source of arrays of `length` zeros, each handed out once and its taker's to keep. */
export function createVectorPool(length: number): () => Float64Array {
  let block = new Float64Array(0);
  let next = 0;
  return () => {
    if (next >= block.length) {
      block = new Float64Array(ARRAYS_PER_BLOCK * length);
      next = 0;
    }
    const vector = new Float64Array(block.buffer, next * Float64Array.BYTES_PER_ELEMENT, length);
    next += length;
    return vector;
  };
}
