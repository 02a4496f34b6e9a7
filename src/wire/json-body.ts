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
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The quotes that writing `value` takes: fewer than were read means that a repeated name was dropped. */
function countQuotes(value: unknown, depth: number): number {
  if (typeof value === 'string') return 2;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === MAX_DEPTH) refuse(`it is nested deeper than ${MAX_DEPTH}`);
  let quotes = 0;
  if (Array.isArray(value)) {
    for (const item of value) quotes += countQuotes(item, depth + 1);
    return quotes;
  }
  const object = value as JsonObject;
  for (const name in object) quotes += 2 + countQuotes(object[name], depth + 1);
  return quotes;
}

function refuse(problem: string): never {
  throw new SentinelError('INVALID_JSON', { problem });
}

function refuseText(text: string): never {
  const fault = findJsonFault(text, MAX_DEPTH);
  if (fault === undefined) throw new Error('JSON.parse and the fault finder disagree');
  const before = text.slice(0, fault.offset).split('\n');
  refuse(`${fault.problem} (line ${before.length}, column ${before.at(-1)!.length + 1})`);
}

/** Throws INVALID_JSON for an empty body, invalid UTF-8, wrong syntax, repeated names or nesting beyond 8. */
export function readJson(bytes: Buffer | undefined | null): JsonBody {
  if (bytes === undefined || bytes === null || bytes.length === 0) refuse('the body is empty');
  if (!isUtf8(bytes)) refuse('it is not valid UTF-8');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuseText(text);
  }
  const { quotes, escaped } = scanJson(bytes);
  if (countQuotes(value, 0) !== quotes) refuseText(text);
  return { value, escaped };
}
