/** Closing: what is in flight is answered, what comes later is refused, and nobody can hold it up. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { aDecisionRecord } from '../support/journal-records.ts';
import { anHttpWorld, type HttpWorld, PAYMENT } from '../support/http-server.ts';

async function listen(world: HttpWorld): Promise<number> {
  await world.server.listen({ port: 0, host: '127.0.0.1' });
  return (world.server.server.address() as AddressInfo).port;
}

/** One request written by hand, so that a second one can be sent on the same connection at the right moment. */
function rawPredict(): string {
  const body = JSON.stringify(PAYMENT);
  return `POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe('closing the server', () => {
  it('answers what is in flight and refuses later requests on open connections', async () => {
    let begin: () => void = () => {};
    let finish: () => void = () => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const scored = new Promise<void>((resolve) => (finish = resolve));
    const world = anHttpWorld({
      scoreTransaction: async () => {
        begin();
        await scored;
        return { decision: aDecisionRecord(), cached: false };
      },
    });
    const port = await listen(world);
    const agent = new Agent({ keepAlive: true });
    const inFlight = request({ agent, port, method: 'POST', path: '/api/v1/predict', headers: { 'content-type': 'application/json' } }); // prettier-ignore
    inFlight.end(JSON.stringify(PAYMENT));
    await begun;
    const accepted = once(world.server.server, 'connection') as Promise<[Socket]>;
    const second = connect(port, '127.0.0.1');
    second.write(rawPredict().slice(0, 40)); // a request half sent is a connection in use
    const [theirs] = await accepted;
    while (theirs.bytesRead < 40) await new Promise((resolve) => setTimeout(resolve, 5));

    const closed = world.server.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    second.write(rawPredict().slice(40));
    const refused = await text(second);
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused).toMatch(/connection: close/i);
    expect(refused).toMatch(/retry-after: 1/i);
    expect(refused).toContain('SHUTTING_DOWN');

    finish();
    const [response] = (await once(inFlight, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect(response.headers.connection).toBe('close');
    await text(response);
    await closed;
    agent.destroy();
  });

  it('answers what had come before it was closed but had not been read yet', async () => {
    const world = anHttpWorld();
    const port = await listen(world);
    const kept = connect(port, '127.0.0.1');
    kept.write(rawPredict());
    await once(kept, 'data');
    const fresh = connect(port, '127.0.0.1');
    await once(fresh, 'connect');
    kept.write(rawPredict()); // written to the system at once, and nothing here reads before the close below
    fresh.write(rawPredict());
    const answers = Promise.all([kept, fresh].map((socket) => text(socket)));
    await world.server.close();
    for (const answer of await answers) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is not ready while it closes', async () => {
    const world = anHttpWorld({ readiness: async () => ({ ready: false, reason: 'warming up' }) });
    const response = await world.server.inject({ url: '/readyz' });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({ ready: false, reason: 'warming up' });
  });

  it('answers a broken request line with a problem', async () => {
    const world = anHttpWorld();
    const socket = connect(await listen(world), '127.0.0.1');
    socket.write('NONSENSE\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('MALFORMED_REQUEST');
    await world.server.close();
  });
});

describe('a client that holds a connection', () => {
  /** Far more than the half second that closing may take here, far less than a test may. */
  const HELD_MS = 3_000;
  const held: Socket[] = [];
  afterEach(() => held.splice(0).forEach((socket) => socket.destroy()));

  const hold = async (port: number, text: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined); // it is cut off
    held.push(socket);
    await once(socket, 'connect');
    socket.write(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return socket;
  };
  const closes = async (world: HttpWorld): Promise<string> =>
    Promise.race([
      world.server.close().then(() => 'closed'),
      new Promise<string>((resolve) => setTimeout(resolve, HELD_MS, 'held').unref()),
    ]);
  const limits = { closeMs: 500 };

  it('and sends nothing is cut off at once', async () => {
    const world = anHttpWorld();
    await hold(await listen(world), '');
    expect(await closes(world)).toBe('closed');
  });

  it('and sends nothing where TLS is spoken is cut off at once', async () => {
    const [key, cert] = ['key.pem', 'certificate.pem'].map((name) =>
      readFileSync(join(import.meta.dirname, '../support/tls', name)),
    );
    const world = anHttpWorld({ tls: { key: key!, cert: cert! } });
    await hold(await listen(world), '');
    expect(await closes(world)).toBe('closed');
  });

  it('with half a body is cut off when the time to answer is over', async () => {
    const world = anHttpWorld({ limits });
    await hold(await listen(world), rawPredict().slice(0, -10));
    expect(await closes(world)).toBe('closed');
  });

  const streamOf = (count: number): string => {
    const lines = `${JSON.stringify(PAYMENT)}\n`.repeat(count);
    const head = `POST /api/v1/predict/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n`;
    return `${head}Transfer-Encoding: chunked\r\n\r\n${lines.length.toString(16)}\r\n${lines}\r\n`;
  };

  it('and does not read the answers of its stream is cut off then too', async () => {
    const world = anHttpWorld({ limits });
    const socket = await hold(await listen(world), '');
    socket.pause();
    socket.write(streamOf(50_000));
    for (let seen = -1; seen !== world.payments.length;) {
      seen = world.payments.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(world.payments.length).toBeGreaterThan(0);
    expect(world.payments.length).toBeLessThan(50_000);
    expect(await closes(world)).toBe('closed');
  });

  it('is decided no more payments once it has been cut off', async () => {
    const world = anHttpWorld({ limits: { ...limits, requestsPerSecond: 1 } });
    await hold(await listen(world), streamOf(100));
    expect(await closes(world)).toBe('closed');
    const decided = world.payments.length;
    await new Promise((resolve) => setTimeout(resolve, 1_200)); // another token would have come
    expect(world.payments).toHaveLength(decided);
  });

  it('does not keep others from being answered', async () => {
    const world = anHttpWorld({ limits });
    const port = await listen(world);
    await hold(port, '');
    const slow = await hold(port, rawPredict().slice(0, -10));
    const closed = closes(world);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = text(slow);
    slow.write(rawPredict().slice(-10));
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(await closed).toBe('closed');
  });
});
