import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRedis, type RedisConnection } from '../../../src/adapters/redis/connection.ts';

/** Answers functions with `refusal` and everything else as a healthy server does. */
async function startRefusing(refusal: () => string): Promise<{ server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const command of chunk.toString('latin1').split(/(?=\*\d+\r\n\$)/)) {
        const name = command.split('\r\n')[2]?.toUpperCase();
        if (name === 'SELECT') socket.write('-ERR DB index is out of range\r\n');
        else if (name === 'INFO') socket.write('$9\r\nloading:0\r\n');
        else socket.write(name === 'FCALL' ? `-${refusal()}\r\n` : '+OK\r\n');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, sockets };
}

describe('a connection to a Redis that refuses', () => {
  let refusal = '';
  let server: Server;
  let sockets: Set<Socket>;
  let redis: RedisConnection;
  beforeEach(async () => {
    ({ server, sockets } = await startRefusing(() => refusal));
    const { port } = server.address() as AddressInfo;
    redis = await openRedis({ url: `redis://127.0.0.1:${port}`, name: 'test', timeoutMs: 2_000, maxWaiting: 10 });
  });
  afterEach(async () => {
    await redis.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it.each([
    'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
    'NOREPLICAS Not enough good replicas to write.',
    'BUSY Redis is busy running a script.',
    'NOAUTH Authentication required.',
    'NOPERM this user has no permissions to run the command',
    'MASTERDOWN Link with MASTER is down',
    'CLUSTERDOWN The cluster is down',
    'LOADING Redis is loading the dataset in memory',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'OOM command not allowed when used memory > maxmemory',
  ])('is not ready, which waiting mends: %s', async (text) => {
    refusal = text;
    await expect(redis.call('claim', [], [])).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringContaining(text.startsWith('OOM') ? 'no memory' : text) as string,
    });
  });

  it.each(['ERR user_script:1: attempt to index a nil value', 'WRONGTYPE Operation against a key'])(
    'lets what is wrong with a call be seen as that: %s',
    async (text) => {
      refusal = text;
      await expect(redis.call('claim', [], [])).rejects.toThrow(text);
      await expect(redis.call('claim', [], [])).rejects.not.toMatchObject({ code: 'NOT_READY' });
    },
  );

  it('is not used at all without the database it was told: another one may be that of others', async () => {
    const { port } = server.address() as AddressInfo;
    const url = `redis://127.0.0.1:${port}/20`;
    await expect(openRedis({ url, name: 'test', timeoutMs: 2_000, maxWaiting: 10 })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `Redis at 127.0.0.1:${port}: ERR DB index is out of range`,
    });
  });

  it('says why there is no connection once it is lost', async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    const said = (): Promise<string> => redis.call('claim', [], []).then(() => '', (error: Error) => error.message); // prettier-ignore
    await expect.poll(said).toMatch(/^Not ready: Redis does not answer: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
  });

  it('connects anew when the server has become a replica, whose name may now be that of another', async () => {
    refusal = "READONLY You can't write against a read only replica.";
    const connected = once(server, 'connection');
    await expect(redis.call('claim', [], [])).rejects.toMatchObject({ code: 'NOT_READY' });
    await connected;
    expect(sockets.size).toBe(2);
  });
});

describe('a connection to a Redis that has fallen silent', () => {
  it('closes all the same', { timeout: 10_000 }, async () => {
    const { server, sockets } = await startRefusing(() => 'ERR');
    const { port } = server.address() as AddressInfo;
    const redis = await openRedis({ url: `redis://127.0.0.1:${port}`, name: 'test', timeoutMs: 200, maxWaiting: 10 });
    for (const socket of sockets) socket.removeAllListeners('data').resume();
    await redis.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});
