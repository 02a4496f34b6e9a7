/** Closing: what is in flight is answered, what comes later is refused and its connection closed. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { aDecisionRecord } from '../support/journal-records.ts';
import { anHttpWorld, type HttpWorld, PAYMENT } from '../support/http-server.ts';

async function listen(world: HttpWorld): Promise<number> {
  await world.server.listen({ port: 0, host: '127.0.0.1' });
  return (world.server.server.address() as AddressInfo).port;
}

/** One request written by hand, so that a second one can be sent on the same connection at the right moment. */
function rawPredict(): string {
  const body = JSON.stringify(PAYMENT);
  return `POST /api/v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe('closing the server', () => {
  it('answers what is in flight and refuses later requests on open connections', async () => {
    let finish: () => void = () => {};
    const scored = new Promise<void>((resolve) => (finish = resolve));
    const world = anHttpWorld({
      scoreTransaction: async () => {
        await scored;
        return { decision: aDecisionRecord(), cached: false };
      },
    });
    const port = await listen(world);
    const agent = new Agent({ keepAlive: true });
    const inFlight = request({ agent, port, method: 'POST', path: '/api/v1/predict', headers: { 'content-type': 'application/json' } }); // prettier-ignore
    inFlight.end(JSON.stringify(PAYMENT));
    const second = connect(port, '127.0.0.1');
    second.write(rawPredict().slice(0, 40)); // a request half sent is a connection in use
    await new Promise((resolve) => setTimeout(resolve, 50));

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
