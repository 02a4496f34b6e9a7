/** A call of a function as the bytes it is sent as, written in one pass. */
import { Command } from 'iovalkey';

/** One argument: a text and bytes behind it. */
export interface Joined {
  readonly text: string;
  readonly bytes: Uint8Array;
}

export type Value = Uint8Array | Joined | string | number;

const LAST_ASCII = 0x7f;
const [ZERO, CR, LF, DOLLAR, STAR] = [0x30, 0x0d, 0x0a, 0x24, 0x2a];
/** The longest count or length, its mark and its end of line. */
const HEADER_BYTES = 16;
const END_BYTES = 2;

/** Used again for every call, and grown to the longest. */
let room = Buffer.allocUnsafeSlow(64 * 1024);
let at = 0;

function reserve(bytes: number): void {
  if (at + bytes <= room.length) return;
  const wider = Buffer.allocUnsafeSlow(2 * (at + bytes));
  wider.set(room.subarray(0, at));
  room = wider;
}

function endLine(): void {
  room[at++] = CR;
  room[at++] = LF;
}

function putHeader(mark: number, count: number): void {
  room[at++] = mark;
  let digits = 1;
  for (let rest = count; rest > 9; rest = Math.floor(rest / 10)) digits += 1;
  at += digits;
  for (let i = 1, rest = count; i <= digits; i += 1, rest = Math.floor(rest / 10)) room[at - i] = ZERO + (rest % 10);
  endLine();
}

function putBytes(bytes: Uint8Array): void {
  room.set(bytes, at);
  at += bytes.length;
}

/** False when the text is not ASCII; then it is not written to its end. */
function putAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > LAST_ASCII) return false;
    room[at++] = code;
  }
  return true;
}

function putText(text: string, bytes: Uint8Array | undefined): void {
  const behind = bytes?.length ?? 0;
  reserve(HEADER_BYTES + text.length + behind + END_BYTES);
  const start = at;
  putHeader(DOLLAR, text.length + behind);
  if (putAscii(text)) {
    if (bytes !== undefined) putBytes(bytes);
    endLine();
    return;
  }
  at = start;
  const encoded = Buffer.from(text);
  putArgument(bytes === undefined ? encoded : Buffer.concat([encoded, bytes]));
}

function putArgument(value: Value): void {
  if (typeof value === 'string') putText(value, undefined);
  else if (typeof value === 'number') putText(String(value), undefined);
  else if ('text' in value) putText(value.text, value.bytes);
  else {
    reserve(HEADER_BYTES + value.length + END_BYTES);
    putHeader(DOLLAR, value.length);
    putBytes(value);
    endLine();
  }
}

/** `FCALL name …` as an array of bulk strings (RESP2, https://valkey.io/topics/protocol/). */
export function functionCallBytes(name: string, keys: readonly Value[], args: readonly Value[]): Buffer {
  at = 0;
  reserve(HEADER_BYTES);
  putHeader(STAR, 3 + keys.length + args.length);
  putArgument('FCALL');
  putArgument(name);
  putArgument(keys.length);
  for (const key of keys) putArgument(key);
  for (const arg of args) putArgument(arg);
  return Buffer.from(room.subarray(0, at)); // a copy: the socket may send it later
}

/** What the client sends in the place of a command of its own; its replies are bytes. */
export class FunctionCall extends Command {
  readonly #bytes: Buffer;

  constructor(name: string, keys: readonly Value[], args: readonly Value[]) {
    super('FCALL', [], { replyEncoding: null });
    this.#bytes = functionCallBytes(name, keys, args);
  }

  override toWritable(): Buffer {
    return this.#bytes;
  }
}
