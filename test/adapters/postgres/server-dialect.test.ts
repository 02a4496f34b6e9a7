import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Kysely, sql } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { copyQuery, createServerDialect } from '../../../src/adapters/postgres/server-dialect.ts';

/** A message of the protocol: its type, the bytes that follow, its body. Source: PostgreSQL, “Message Formats”. */
function message(type: string, ...parts: readonly (string | number)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : int32(part))));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const WELCOME = [message('R', 0), message('Z', 'I')];
const ENDED_BY_ADMIN = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0');

/** Sends whoever connects `bytes` in one piece, and hears nothing of what is asked then; its address. */
async function aServerSaying(bytes: Buffer): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).once('data', () => socket.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `postgresql://sentinel@127.0.0.1:${(server.address() as AddressInfo).port}/ledger`;
}

function connect(settings: PoolConfig): Kysely<unknown> {
  return new Kysely<unknown>({ dialect: createServerDialect(new Pool(settings)) });
}

/* An error nobody listens for ends the process, and the run of these tests. */
describe('a connection to a server', () => {
  it('that is ended in the same packet that opens it is an error of the statement', async () => {
    const database = connect({ connectionString: await aServerSaying(Buffer.concat([...WELCOME, ENDED_BY_ADMIN])) });
    await expect(sql`select 1`.execute(database)).rejects.toThrow(/not queryable/);
    await database.destroy();
  });

  it('that falls silent in a COPY is an error of the COPY, once', async () => {
    const url = await aServerSaying(Buffer.concat(WELCOME));
    const database = connect({ connectionString: url, query_timeout: 50 });
    const silence = database.executeQuery(copyQuery('copy nothing from stdin', new Uint8Array(8)));
    await expect(silence).rejects.toThrow(/timeout/);
    await database.destroy();
  });
});
