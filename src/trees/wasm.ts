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
const PAGE_BYTES = 2 ** 16;

/** LEB128. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** LEB128 of a number that is not negative, with room for the sign. */
function signed(value: number): Code {
  return value < 64 ? [value] : [(value % 128) + 128, ...signed(Math.floor(value / 128))];
}

export const integer = (value: number): Code => [0x41, ...signed(value)];
export const local = (index: number): Code => [0x20, ...unsigned(index)];
export const setLocal = (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)];

export const addIntegers = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const multiplyIntegers = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const or = (a: Code, b: Code): Code => [...a, ...b, 0x72];
export const shiftLeft = (a: Code, b: Code): Code => [...a, ...b, 0x74];
const isBelow = (a: Code, b: Code): Code => [...a, ...b, 0x49];

export const addDoubles = (a: Code, b: Code): Code => [...a, ...b, 0xa0];
export const multiplyDoubles = (a: Code, b: Code): Code => [...a, ...b, 0xa2];
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

/** A function of doubles that gives a double; the locals behind its parameters are 0 at first. */
export interface Program {
  readonly parameters: number;
  readonly integerLocals: number;
  readonly doubleLocals: number;
  readonly body: Code;
  /** Size of its memory. */
  readonly bytes: number;
}

export interface Assembled {
  readonly memory: ArrayBuffer;
  readonly run: (...values: number[]) => number;
}

export function assemble({ parameters, integerLocals, doubleLocals, body, bytes }: Program): Assembled {
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const name = (text: string): Code => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
  const code = [2, ...unsigned(integerLocals), I32, ...unsigned(doubleLocals), F64, ...body, 0x0b];
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
