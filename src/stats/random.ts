/** A seeded source of random numbers: the same seed gives the same numbers on every machine. */
import { exp, log } from './elementary.ts';

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, n), n from 1 to 2^53. */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** Exponential with the given mean. */
  exponential(mean: number): number;
  /** Poisson count; cost grows with the mean. */
  poisson(mean: number): number;
  /** Puts the elements in random order, in place, and returns them. */
  shuffle<T extends { length: number; [index: number]: unknown }>(elements: T): T;
  /** An independent source named by the seed and `stream`; drawing from this one does not change it. */
  fork(stream: number): Random;
}

/** Outputs dropped after seeding. Source: C. Doty-Humphrey, PractRand 0.95, sfc32: 12 rounds after a 64-bit seed. */
const WARM_UP_ROUNDS = 12;
/** A Poisson count is drawn in parts of at most this mean, so that e^−mean keeps its precision. */
const POISSON_PART = 16;
const POISSON_PART_LIMIT = exp(-POISSON_PART);

/** A bijection of 32 bits that mixes well. Source: A. Appleby, MurmurHash3, 2011, 32-bit finaliser. */
function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** Step of the splitmix sequence: 2^32 / golden ratio, odd. */
const GOLDEN_STEP = 0x9e3779b9;

/**
 * A source seeded with any finite number (its integer part modulo 2^53 counts).
 * Source: sfc32, C. Doty-Humphrey, PractRand 0.95; normal by Marsaglia's polar method (1964).
 */
export function createRandom(seed: number): Random {
  if (!Number.isFinite(seed)) throw new RangeError(`invalid seed: ${seed}`);
  const whole = Math.floor(seed);
  return fromSeed(whole | 0, Math.floor(whole / 2 ** 32) | 0);
}

function fromSeed(low: number, high: number): Random {
  let a = mix(low);
  let b = mix(high + GOLDEN_STEP);
  let c = mix(a + 2 * GOLDEN_STEP) ^ b;
  let counter = 1;
  let spareNormal = NaN;

  function draw(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum;
  }

  function next(): number {
    const upper = draw() >>> 5;
    const lower = draw() >>> 6;
    return (upper * 2 ** 26 + lower) * 2 ** -53;
  }

  function normal(): number {
    if (!Number.isNaN(spareNormal)) {
      const spare = spareNormal;
      spareNormal = NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * next() - 1;
      const y = 2 * next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * log(square)) / square);
      spareNormal = y * factor;
      return x * factor;
    }
  }

  /** Uniform draws multiplied until they fall below e^−mean. Source: D. Knuth, TAOCP 2, section 3.4.1. */
  function countUntil(limit: number): number {
    let count = 0;
    for (let product = next(); product > limit; product *= next()) count++;
    return count;
  }

  function poisson(mean: number): number {
    let count = 0;
    let rest = mean;
    for (; rest > POISSON_PART; rest -= POISSON_PART) count += countUntil(POISSON_PART_LIMIT);
    return count + countUntil(exp(-rest));
  }

  function shuffle<T extends { length: number; [index: number]: unknown }>(elements: T): T {
    for (let last = elements.length - 1; last > 0; last--) {
      const other = Math.floor(next() * (last + 1));
      const swapped = elements[last];
      elements[last] = elements[other];
      elements[other] = swapped;
    }
    return elements;
  }

  for (let round = 0; round < WARM_UP_ROUNDS; round++) draw();
  return {
    next,
    integer: (n) => Math.floor(next() * n),
    normal,
    exponential: (mean) => -mean * log(1 - next()),
    poisson,
    shuffle,
    fork: (stream) => {
      const whole = Math.floor(stream);
      return fromSeed(mix(low ^ mix(whole + GOLDEN_STEP)), mix(high + mix((whole / 2 ** 32) | 0) + mix(~whole)));
    },
  };
}
