/** Counts distinct values: exactly for a short run of them, by estimate for the users of tiles. */
import { log } from '../stats/elementary.ts';

export interface DistinctCounter {
  /** Forgets all values. */
  clear(): void;
  /** Adds a value other than 0; true when it is new. */
  add(value: number): boolean;
  has(value: number): boolean;
}

/** Mixes the low bits, by which slots are chosen. Source: 2^32 / golden ratio, odd (Knuth, TAOCP 3, 6.4). */
const GOLDEN = 0x9e3779b1;

/** Holds up to `limit` values in a table never more than a quarter full. */
export function createDistinctCounter(limit: number): DistinctCounter {
  let slots = 4;
  while (slots < limit * 4) slots *= 2;
  const shift = 32 - Math.round(log(slots) / log(2));
  const mask = slots - 1;
  const values = new Uint32Array(slots);
  const rounds = new Uint32Array(slots);
  let round = 1;
  const find = (value: number): number => {
    let slot = Math.imul(value, GOLDEN) >>> shift;
    while (rounds[slot] === round && values[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  };
  return {
    clear() {
      round++;
      if (round === 2 ** 32) {
        rounds.fill(0);
        round = 1;
      }
    },
    add(value) {
      const slot = find(value);
      if (rounds[slot] === round) return false;
      rounds[slot] = round;
      values[slot] = value;
      return true;
    },
    has: (value) => rounds[find(value)] === round,
  };
}

/** Bits of a tile's set of users. */
const BITS = 64;

/**
 * DISTINCT_ESTIMATES[n]: how many values most likely hit n of 64 bits, rounded; a full set stands for 64·ln 128.
 * Source: K.-Y. Whang et al., "A linear-time probabilistic counting algorithm", 1990, equation 1.
 */
const DISTINCT_ESTIMATES = Float64Array.from({ length: BITS + 1 }, (_, n) =>
  Math.round(BITS * log(BITS / (n === BITS ? 0.5 : BITS - n))),
);

function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The estimate for a set of 64 bits in two words. */
export function estimateDistinct(low: number, high: number): number {
  return DISTINCT_ESTIMATES[ones(low) + ones(high)]!;
}
