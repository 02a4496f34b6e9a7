/** Traits computed from a name's numbers instead of being stored: the same numbers always give the same trait. */

/** 32 well-mixed bits of (seed, index, trait). Source: A. Appleby, MurmurHash3, 2011, 32-bit mix and finaliser. */
export function deriveBits(seed: number, index: number, trait: number): number {
  let hash = Math.imul(seed ^ Math.imul(trait + 1, 0x9e3779b1), 0xcc9e2d51);
  hash = (hash << 15) | (hash >>> 17);
  hash ^= Math.imul(index + 0x165667b1, 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Uniform in [0, 1), 32 bits. */
export function deriveUnit(seed: number, index: number, trait: number): number {
  return deriveBits(seed, index, trait) * 2 ** -32;
}

/** Uniform integer in [0, n). */
export function deriveInteger(seed: number, index: number, trait: number, n: number): number {
  return Math.floor(deriveUnit(seed, index, trait) * n);
}

/** Nearly normal with mean 0 and deviation 1, within ±3.5: the sum of four uniforms. */
export function deriveNormal(seed: number, index: number, trait: number): number {
  const first = deriveBits(seed, index, trait);
  const second = deriveBits(seed, first, trait);
  const sum = (first & 0xffff) + (first >>> 16) + (second & 0xffff) + (second >>> 16);
  return (sum / 65_536 - 2) * Math.sqrt(3);
}

/** Running totals of `weights`, the last exactly 1. */
export function cumulative(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let running = 0;
  return weights.map((weight, index) => (index === weights.length - 1 ? 1 : (running += weight / total)));
}

/** The index that the uniform number `unit` falls on. */
export function pickIndex(totals: readonly number[], unit: number): number {
  let index = 0;
  while (unit >= totals[index]!) index++;
  return index;
}
