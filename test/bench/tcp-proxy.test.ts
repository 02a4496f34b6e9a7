import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aTcpProxy, type TcpProxy } from '../../bench/tcp-proxy.ts';

interface EchoServer {
  readonly port: number;
  readonly sockets: Socket[];
}

/** Sends back what it gets, its end included. */
async function anEchoServer(): Promise<EchoServer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, sockets };
}

async function aLine(): Promise<{ readonly server: EchoServer; readonly proxy: TcpProxy }> {
  const server = await anEchoServer();
  const proxy = await aTcpProxy(server.port);
  onTestFinished(() => proxy.close());
  return { server, proxy };
}

interface Client {
  readonly socket: Socket;
  readonly received: () => string;
  /** The error code it ended with, '' for an end without one; undefined while it is open. */
  readonly end: () => string | undefined;
}

async function aClientOf(proxy: TcpProxy): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  let end: string | undefined;
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? 'unknown'));
  socket.on('close', () => (end ??= ''));
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
  return { socket, received: () => received, end: () => end };
}

const SETTLE = { timeout: 5_000, interval: 5 } as const;
const QUIET_MS = 80;

describe('a sound line', () => {
  it('hands on every byte in order, whatever the sizes, and the end after the last one', async () => {
    const { proxy } = await aLine();
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 70_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0, 3),
        async (chunks, delay) => {
          proxy.delay(delay);
          const socket = connect(proxy.port, '127.0.0.1');
          const parts: Buffer[] = [];
          socket.on('data', (bytes: Buffer) => parts.push(bytes));
          for (const each of chunks) socket.write(each);
          socket.end();
          await once(socket, 'end');
          expect(Buffer.concat(parts).equals(Buffer.concat(chunks))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
    await expect.poll(proxy.connections, SETTLE).toBe(0);
  });

  it('breaks when nobody listens at its far end', async () => {
    const { proxy, server } = await aLine();
    const gone = await aTcpProxy(1);
    onTestFinished(() => gone.close());
    const client = await aClientOf(gone);
    await expect.poll(client.end, SETTLE).toBe('ECONNRESET');
    expect(server.sockets).toHaveLength(0);
    expect(proxy.connections()).toBe(0);
  });
});

it('a slow line delays both directions and keeps their order', async () => {
  const { proxy } = await aLine();
  const client = await aClientOf(proxy);
  proxy.delay(60);
  const began = performance.now();
  for (let index = 0; index < 10; index++) {
    client.socket.write(String(index));
    await pause(2);
  }
  await expect.poll(client.received, SETTLE).toBe('0123456789');
  expect(performance.now() - began).toBeGreaterThan(120);
});

it('a narrow line lets so many bytes through a second, and all of them', async () => {
  const { proxy } = await aLine();
  const client = await aClientOf(proxy);
  proxy.throttle(200_000);
  const began = performance.now();
  client.socket.write('x'.repeat(40_000));
  await expect.poll(() => client.received().length, SETTLE).toBe(40_000);
  expect(performance.now() - began).toBeGreaterThan(190);
});

describe('a partition', () => {
  it('swallows both ways without telling, and its connections are reset once it is over', async () => {
    const { proxy, server } = await aLine();
    const client = await aClientOf(proxy);
    client.socket.write('before ');
    await expect.poll(client.received, SETTLE).toBe('before ');
    proxy.partition();
    client.socket.write('lost');
    server.sockets[0]!.write('lost');
    await pause(QUIET_MS);
    expect([client.received(), client.end()]).toEqual(['before ', undefined]);
    proxy.heal();
    await expect.poll(client.end, SETTLE).toBe('ECONNRESET');
    const next = await aClientOf(proxy);
    next.socket.write('after');
    await expect.poll(next.received, SETTLE).toBe('after');
  });

  it('takes new connections, of which the server hears nothing', async () => {
    const { proxy, server } = await aLine();
    proxy.partition();
    const client = await aClientOf(proxy);
    client.socket.write('hello');
    await pause(QUIET_MS);
    expect([client.end(), server.sockets.length]).toEqual([undefined, 0]);
    proxy.heal();
    await expect.poll(client.end, SETTLE).toBe('ECONNRESET');
  });

  it('does no harm to a connection on which nothing was said', async () => {
    const { proxy } = await aLine();
    const client = await aClientOf(proxy);
    client.socket.write('a');
    await expect.poll(client.received, SETTLE).toBe('a');
    proxy.partition();
    proxy.heal();
    client.socket.write('b');
    await expect.poll(client.received, SETTLE).toBe('ab');
  });

  it('loses what was on its way', async () => {
    const { proxy } = await aLine();
    const client = await aClientOf(proxy);
    proxy.delay(40);
    client.socket.write('lost');
    await pause(10);
    proxy.partition();
    await pause(QUIET_MS);
    proxy.heal();
    await expect.poll(client.end, SETTLE).toBe('ECONNRESET');
    expect(client.received()).toBe('');
  });
});

it('a cut resets what is open and what is opened, until it is healed', async () => {
  const { proxy, server } = await aLine();
  const client = await aClientOf(proxy);
  client.socket.write('a');
  await expect.poll(client.received, SETTLE).toBe('a');
  proxy.cut();
  await expect.poll(client.end, SETTLE).toBe('ECONNRESET');
  await expect.poll(() => server.sockets[0]!.destroyed, SETTLE).toBe(true);
  const refused = await aClientOf(proxy);
  await expect.poll(refused.end, SETTLE).toBe('ECONNRESET');
  expect(server.sockets).toHaveLength(1);
  proxy.heal();
  const healed = await aClientOf(proxy);
  healed.socket.write('b');
  await expect.poll(healed.received, SETTLE).toBe('b');
});

it('a line that is cut after so many messages hands on those and nothing of the next', async () => {
  const { proxy } = await aLine();
  const client = await aClientOf(proxy);
  proxy.cutAfter(2);
  for (const message of ['a', 'b']) {
    client.socket.write(message);
    await expect.poll(client.received, SETTLE).toMatch(new RegExp(`${message}$`));
  }
  client.socket.write('c');
  await expect.poll(client.end, SETTLE).toBe('ECONNRESET');
  expect(client.received()).toBe('ab');
});
