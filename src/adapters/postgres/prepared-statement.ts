/**
 * Statements PGlite plans once and runs many times, which its own API does not offer: planning a wide insert costs it
 * 2.5 ms, as much as the rows of a small batch. Grammar of each message: type byte, length i32 without the type, body.
 * Source: PostgreSQL documentation, “Message Formats”.
 */
import { type PGlite } from '@electric-sql/pglite';

const int16 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function message(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

const PARAMETERS_ARE_BINARY = Buffer.concat([int16(1), int16(1)]);
const RESULTS_ARE_TEXT = int16(0);
const UNNAMED_PORTAL = text('');
const EXECUTE_ALL = message('E', UNNAMED_PORTAL, int32(0));
const SYNC = message('S');

/** A way to run `sql`, which returns no rows, with parameters in binary form; `name` is its own in this database. */
export function prepareStatement(
  pglite: PGlite,
  name: string,
  sql: string,
): (parameters: readonly Uint8Array[]) => Promise<void> {
  let prepared = false;
  return async (parameters) => {
    if (!prepared) {
      await pglite.execProtocol(Buffer.concat([message('P', text(name), text(sql), int16(0)), SYNC]));
      prepared = true;
    }
    const values = parameters.flatMap((bytes) => [int32(bytes.length), bytes]);
    const count = int16(parameters.length);
    const bind = message('B', UNNAMED_PORTAL, text(name), PARAMETERS_ARE_BINARY, count, ...values, RESULTS_ARE_TEXT);
    await pglite.execProtocol(Buffer.concat([bind, EXECUTE_ALL, SYNC]));
  };
}
