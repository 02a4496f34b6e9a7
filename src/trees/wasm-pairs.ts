/** Instructions of the assembler on pairs of doubles: both are computed at once, each as if it were alone. */
import { type Code, unsigned } from './wasm.ts';

/** Source: WebAssembly Core Specification 2.0, section 5.4.9; offsets as in wasm.ts. */
const PAIRS = 0xfd;

export const loadPair = (address: Code, offset: number): Code => [...address, PAIRS, 0x00, 4, ...unsigned(offset)];
/** One double, twice. */
export const loadTwice = (address: Code, offset: number): Code => [...address, PAIRS, 0x0a, 3, ...unsigned(offset)];
export const storePair = (address: Code, offset: number, pair: Code): Code => [
  ...[...address, ...pair, PAIRS, 0x0b, 4],
  ...unsigned(offset),
];

export const twice = (double: Code): Code => [...double, PAIRS, 0x14];
export const firstOf = (pair: Code): Code => [...pair, PAIRS, 0x21, 0];
export const secondOf = (pair: Code): Code => [...pair, PAIRS, 0x21, 1];

export const addPairs = (a: Code, b: Code): Code => [...a, ...b, PAIRS, 0xf0, 0x01];
export const subtractPairs = (a: Code, b: Code): Code => [...a, ...b, PAIRS, 0xf1, 0x01];
export const multiplyPairs = (a: Code, b: Code): Code => [...a, ...b, PAIRS, 0xf2, 0x01];

/** A constant: the bytes of two doubles. */
export function pairOf(first: number, second: number): Code {
  const view = new DataView(new ArrayBuffer(16));
  view.setFloat64(0, first, true);
  view.setFloat64(8, second, true);
  return [PAIRS, 0x0c, ...new Uint8Array(view.buffer)];
}

/** All bits set where the doubles differ, as NaN does from itself; else none. */
export const isDifferent = (a: Code, b: Code): Code => [...a, ...b, PAIRS, 0x48];
/** Bits of `a` where those of `mask` are set, else of `b`. */
export const select = (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, PAIRS, 0x52];
