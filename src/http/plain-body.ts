/** JSON bodies as nearly every client sends them, taken off the connection without the framework's parser. */
import { type IncomingMessage } from 'node:http';
import { SentinelError } from '../domain/errors.ts';

/** As written by HTTP libraries; every other spelling is understood by the framework. */
const PLAIN_TYPES: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
]);

/** The bytes to come when the request says so plainly and they are within `limit`; else undefined. */
export function plainLength({ headers }: IncomingMessage, limit: number): number | undefined {
  if (!PLAIN_TYPES.has(headers['content-type']) || headers['content-encoding'] !== undefined) return undefined;
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] === undefined) return undefined;
  const length = Number(headers['content-length']);
  return length <= limit ? length : undefined;
}

/** Calls `done` once, with the `length` bytes of the body or with why they did not come within `limitMs`. */
export function takePlainBody(
  source: IncomingMessage,
  { length, limitMs }: { readonly length: number; readonly limitMs: number },
  done: (error: Error | undefined, body: Buffer | undefined) => void,
): void {
  let body: Buffer | undefined;
  let more: Buffer[] | undefined;
  let ended = false;
  const end = (error: Error | undefined, whole?: Buffer): void => {
    if (ended) return; // what fails later is the answer that cannot be given
    ended = true;
    clearTimeout(timer);
    done(error, whole);
  };
  const refuse = (problem: string): void => end(new SentinelError('MALFORMED_REQUEST', { problem }));
  const timer = setTimeout(() => refuse(`the body did not come within ${limitMs} ms`), limitMs);
  source.on('data', (chunk: Buffer) => {
    if (body === undefined) body = chunk;
    else (more ??= [body]).push(chunk);
  });
  source.on('end', () => {
    const whole = more === undefined ? body : Buffer.concat(more);
    if ((whole?.length ?? 0) === length) end(undefined, whole);
    else refuse('the body is not as long as Content-Length says');
  });
  source.on('error', end);
}
