import { createRequire } from 'node:module';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../../src/adapters/kafka/client.ts';

interface Connection {
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  isConnected(): boolean;
}

const require = createRequire(import.meta.url);
const Connection = require('kafkajs/src/network/connection.js') as new (options: object) => Connection;
const quiet = { namespace: () => quiet, debug: () => undefined, error: () => undefined };

describe('a connection of the Kafka client', () => {
  let server: Server;
  let port: number;
  const sockets = new Set<Socket>();
  let accepted = 0;

  const listen = (): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const aConnection = (): Connection => {
    const factory = require('kafkajs/src/network/socketFactory.js') as () => unknown;
    return new Connection({
      host: '127.0.0.1',
      port,
      logger: quiet,
      socketFactory: factory(),
      connectionTimeout: 1_000,
    });
  };

  beforeEach(async () => {
    accepted = 0;
    port = 0;
    server = createServer((socket) => {
      accepted += 1;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    });
    await listen();
    ({ port } = server.address() as { port: number });
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });

  it('opens one socket for all who need it at once, and none is left when it ends', async () => {
    const connection = aConnection();
    await Promise.all([connection.connect(), connection.connect(), connection.connect()]);
    await connection.connect();
    expect(accepted).toBe(1);
    await connection.disconnect();
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('opens one more after it was lost, and can be refused and try again', async () => {
    const connection = aConnection();
    await connection.connect();
    for (const socket of sockets) socket.resetAndDestroy();
    await expect.poll(() => connection.isConnected()).toBe(false);
    await Promise.all([connection.connect(), connection.connect()]);
    expect(accepted).toBe(2);
    await connection.disconnect();
    await expect.poll(() => sockets.size).toBe(0);
    await new Promise((resolve) => server.close(resolve));
    const refused = await Promise.allSettled([connection.connect(), connection.connect()]);
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await listen();
    await connection.connect();
    expect(accepted).toBe(3);
    await connection.disconnect();
  });
});
