/** Neighbours of floating-point numbers: what turns one library's comparison into another's without moving a row. */

const bits = new DataView(new ArrayBuffer(8));

/** The next double above a finite number; +∞ stays. */
export function nextDouble(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  if (x === Infinity) return x;
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

/** The next single-precision number above one; +∞ stays. */
export function nextSingle(x: number): number {
  if (x === 0) return 2 ** -149;
  if (x === Infinity) return x;
  bits.setFloat32(0, x);
  bits.setInt32(0, bits.getInt32(0) + (x > 0 ? 1 : -1));
  return bits.getFloat32(0);
}

/** Where single precision ends: numbers from half a step before here on round to infinity. */
const SINGLE_END = 2 ** 128;

/**
 * The least double that rounds to the single-precision number `single` or above: comparing with it is comparing the
 * rounded value with `single`.
 */
export function firstRoundingTo(single: number): number {
  if (single === -Infinity) return single;
  const finite = Math.max(-SINGLE_END, Math.min(SINGLE_END, single));
  const below = Math.max(-SINGLE_END, -nextSingle(-single));
  const middle = (below + finite) / 2;
  return Math.fround(middle) >= single ? middle : nextDouble(middle);
}

/** The largest single-precision number ≤ x. */
export function singleAtOrBelow(x: number): number {
  const single = Math.fround(x);
  return single <= x ? single : -nextSingle(-single);
}

/** Doubles in their order as integers: those of negative ones count down. */
function doubleAt(place: bigint): number {
  bits.setBigInt64(0, place >= 0n ? place : -place);
  const size = bits.getFloat64(0);
  return place >= 0n ? size : -size;
}

/** Place of the largest finite double; its opposite is that of the least. */
const LAST_PLACE = 0x7fefffffffffffffn;

/** The least double for which `holds`, which must hold from some double on; +∞ when it holds for none. */
export function firstDoubleWhere(holds: (x: number) => boolean): number {
  let [low, high] = [-LAST_PLACE - 1n, LAST_PLACE + 1n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (holds(doubleAt(middle))) high = middle;
    else low = middle;
  }
  return doubleAt(high);
}
