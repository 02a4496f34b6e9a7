/** Bytes of a request → one JSON value, with everything refused that JSON.parse would let pass or hide. */
import { isUtf8 } from 'node:buffer';
import { SentinelError } from '../domain/errors.ts';
import { findJsonFault } from './json-fault.ts';
import { scanJson } from './json-scan.ts';

/** Deepest nesting of any request we define, and room to say precisely what is wrong inside. */
const MAX_DEPTH = 8;

export interface JsonBody {
  readonly value: unknown;
  /** Strings may need escaping when written again; without escapes in the source none does. */
  readonly escaped: boolean;
  /** A card number may be in it. */
  readonly longNumber: boolean;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item);
    return members;
  }
  for (const name in value) members += 1 + countMembers((value as JsonObject)[name]);
  return members;
}

function refuse(problem: string): never {
  throw new SentinelError('INVALID_JSON', { problem });
}

function refuseText(text: string): never {
  const fault = findJsonFault(text);
  if (fault === undefined) throw new Error('JSON.parse and the fault finder disagree');
  const before = text.slice(0, fault.offset).split('\n');
  refuse(`${fault.problem} (line ${before.length}, column ${before.at(-1)!.length + 1})`);
}

/** Throws INVALID_JSON for an empty body, invalid UTF-8, wrong syntax, repeated names or nesting beyond 8. */
export function readJson(bytes: Buffer | undefined | null): JsonBody {
  if (bytes === undefined || bytes === null || bytes.length === 0) refuse('the body is empty');
  if (!isUtf8(bytes)) refuse('it is not valid UTF-8');
  const scan = scanJson(bytes);
  if (scan.depth > MAX_DEPTH) refuse(`it is nested deeper than ${MAX_DEPTH}`);
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuseText(text);
  }
  if (countMembers(value) !== scan.members) refuseText(text);
  return { value, escaped: scan.escaped, longNumber: scan.longNumber };
}
