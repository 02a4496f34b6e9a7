/** A small assembler: one WebAssembly function over a memory of its own, written as nested calls. */

/*
 * V8 makes code for a loop over typed arrays that is two to four times slower as soon as there are two models: it then
 * no longer knows where the arrays are and how long. A function made for one model always has these as constants.
 * Source: WebAssembly Core Specification 2.0, section 5, from which all bytes here are.
 */

/** Instructions; those that leave a value behind stand for it. */
export type Code = readonly number[];

/** The part of the platform's WebAssembly that is used; TypeScript knows it only together with the browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const I32 = 0x7f;
const F64 = 0x7c;
const V128 = 0x7b;
const PAGE_BYTES = 2 ** 16;

/** LEB128. */
export function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** LEB128 of a word with its sign: an address from 2^31 on is a negative word. */
function signed(word: number): Code {
  const [low, rest] = [word & 0x7f, word >> 7];
  const isLast = rest === (low & 0x40 ? -1 : 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

export const integer = (value: number): Code => [0x41, ...signed(value | 0)];
export const local = (index: number): Code => [0x20, ...unsigned(index)];
export const setLocal = (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)];

export const addIntegers = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subtractIntegers = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const multiplyIntegers = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const and = (a: Code, b: Code): Code => [...a, ...b, 0x71];
export const or = (a: Code, b: Code): Code => [...a, ...b, 0x72];
export const shiftLeft = (a: Code, b: Code): Code => [...a, ...b, 0x74];
const isBelow = (a: Code, b: Code): Code => [...a, ...b, 0x49];

export const addDoubles = (a: Code, b: Code): Code => [...a, ...b, 0xa0];
export const subtractDoubles = (a: Code, b: Code): Code => [...a, ...b, 0xa1];
export const multiplyDoubles = (a: Code, b: Code): Code => [...a, ...b, 0xa2];
/** To single precision and back. */
export const roundToSingle = (a: Code): Code => [...a, 0xb6, 0xbb];
/** 1 or 0; 0 when either is NaN. */
export const isAtLeast = (a: Code, b: Code): Code => [...a, ...b, 0x66];

/** Of the bytes from `address` + `offset` on, as for the three below. */
export const loadInteger = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];
export const loadDouble = (address: Code, offset: number): Code => [...address, 0x2b, 3, ...unsigned(offset)];
export const storeInteger = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...[0x36, 2],
  ...unsigned(offset),
];
export const storeDouble = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...[0x39, 3],
  ...unsigned(offset),
];

/** Runs `body`, adds 1 to the local, and again while it is below `times`; at least once. */
export const repeat = (index: number, times: number, body: Code): Code => [
  ...[0x03, 0x40, ...body],
  ...setLocal(index, addIntegers(local(index), integer(1))),
  ...[...isBelow(local(index), integer(times)), 0x0d, 0, 0x0b],
];

/** Runs `body` with the local at each of the addresses from where it stands up to `end`, `bytes` apart. */
export const walk = (index: number, end: Code, bytes: number, body: Code): Code => [
  ...[0x02, 0x40, 0x03, 0x40, ...local(index), ...end, 0x46, 0x0d, 1],
  ...body,
  ...[...setLocal(index, addIntegers(local(index), integer(bytes))), 0x0c, 0, 0x0b, 0x0b],
];

/** The same addresses the other way: from the last before where the local stands down to `begin`. */
export const walkBack = (index: number, begin: Code, bytes: number, body: Code): Code => [
  ...[0x02, 0x40, 0x03, 0x40, ...local(index), ...begin, 0x46, 0x0d, 1],
  ...setLocal(index, subtractIntegers(local(index), integer(bytes))),
  ...[...body, 0x0c, 0, 0x0b, 0x0b],
];

/** One of two bodies. */
export const branch = (isTrue: Code, then: Code, otherwise: Code): Code => [
  ...[...isTrue, 0x04, 0x40, ...then],
  ...(otherwise.length === 0 ? [] : [0x05, ...otherwise]),
  0x0b,
];

/** A function of doubles that gives a double; the locals behind its parameters are 0 at first. */
export interface Program {
  readonly parameters: number;
  readonly integerLocals: number;
  readonly doubleLocals: number;
  /** Of pairs of doubles; none when absent. */
  readonly pairLocals?: number;
  readonly body: Code;
  /** Size of its memory. */
  readonly bytes: number;
}

export interface Assembled {
  readonly memory: ArrayBuffer;
  readonly run: (...values: number[]) => number;
}

export function assemble({ parameters, integerLocals, doubleLocals, pairLocals, body, bytes }: Program): Assembled {
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const name = (text: string): Code => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
  const doubles = [...unsigned(doubleLocals), F64, ...unsigned(pairLocals ?? 0), V128];
  const code = [3, ...unsigned(integerLocals), I32, ...doubles, ...body, 0x0b];
  const module = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(F64), 1, F64]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(Math.ceil(bytes / PAGE_BYTES))]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(module)));
  const { memory, run } = exports as { memory: { buffer: ArrayBuffer }; run: Assembled['run'] }; // as section 7 says
  return { memory: memory.buffer, run };
}
