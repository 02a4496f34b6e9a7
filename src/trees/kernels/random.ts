/** The random numbers of `stats/random.ts`, number for number, for one thread at a time. */

// The constants of stats/random.ts, where their sources are named.
const WARM_UP_ROUNDS: i32 = 12;
const GOLDEN_STEP: u32 = 0x9e3779b9;

let a: u32 = 0;
let b: u32 = 0;
let c: u32 = 0;
let counter: u32 = 0;

function mix(value: u32): u32 {
  let z = (value ^ (value >> 16)) * 0x85ebca6b;
  z = (z ^ (z >> 13)) * 0xc2b2ae35;
  return z ^ (z >> 16);
}

function draw(): u32 {
  const sum = a + b + counter;
  counter++;
  a = b ^ (b >> 9);
  b = c + (c << 3);
  c = rotl<u32>(c, 21) + sum;
  return sum;
}

/** Starts the source that `createRandom(seed).fork(stream)` would be; the seed is given in two halves. */
export function fork(low: u32, high: u32, stream: u32): void {
  const forkLow = mix(low ^ mix(stream + GOLDEN_STEP));
  const forkHigh = mix(high + mix(0) + mix(~stream));
  a = mix(forkLow);
  b = mix(forkHigh + GOLDEN_STEP);
  c = mix(a + 2 * GOLDEN_STEP) ^ b;
  counter = 1;
  for (let round = 0; round < WARM_UP_ROUNDS; round++) draw();
}

/** Uniform in [0, 1). */
export function next(): f64 {
  const upper = <f64>(draw() >> 5);
  const lower = <f64>(draw() >> 6);
  return (upper * 67108864 + lower) * (1.0 / 9007199254740992.0);
}

/** Uniform integer in [0, n). */
export function integer(n: u32): u32 {
  return <u32>floor(next() * <f64>n);
}
