/** Bodies taken off the connection are answered as those that the framework reads. */
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDecisionRecord } from '../support/journal-records.ts';
import { anHttpWorld, PAYMENT } from '../support/http-server.ts';

const world = anHttpWorld();
let port = 0;
beforeAll(async () => {
  await world.server.listen({ port: 0, host: '127.0.0.1' });
  port = (world.server.server.address() as AddressInfo).port;
});
afterAll(() => world.server.close());

const PLAIN = 'application/json';
/** A spelling that is left to the framework. */
const UNUSUAL = 'Application/JSON';

const aRequest = (body: string, type: string, last = true): Buffer =>
  Buffer.from(
    `POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `${last ? 'Connection: close\r\n' : ''}\r\n${body}`,
  );

/** What comes back when `parts` are sent one after the other; times and the request's own number left out. */
async function exchange(parts: readonly Buffer[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const answer = text(socket);
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return (await answer).replaceAll(/X-Process-Time: [\d.]+|Date: [^\r]+|urn:sentinel:request:[\w-]+/gi, '');
}

const payment = JSON.stringify({ ...PAYMENT, transaction_id: 'räuber’s', location_city: 'Zürich' });

describe('a body taken off the connection', () => {
  it.each([
    ['a payment', payment],
    ['a broken body', payment.slice(0, -1)],
    ['an empty body', ''],
    ['a payment with a wrong field', JSON.stringify({ ...PAYMENT, amount: -1 })],
    ['a body over the limit', `{"user_id":"${'x'.repeat(70_000)}"}`],
  ])('is answered as if the framework had read it: %s', async (_what, body) => {
    await exchange([aRequest(payment, PLAIN)]); // from now on the answer is the cached one
    const plain = await exchange([aRequest(body, PLAIN)]);
    expect(plain).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(plain).toBe(await exchange([aRequest(body, UNUSUAL)]));
  });

  it('may come in pieces, cut inside a character', async () => {
    const request = aRequest(payment, PLAIN);
    const cut = request.indexOf('ü') + 1;
    const pieces = [request.subarray(0, cut), request.subarray(cut, cut + 10), request.subarray(cut + 10)];
    expect(await exchange(pieces)).toBe(await exchange([request]));
  });

  it('is answered in order when requests follow one another without waiting', async () => {
    const bodies = ['first', 'second', 'third'].map((id) => JSON.stringify({ ...PAYMENT, transaction_id: id }));
    const answers = await exchange([Buffer.concat(bodies.map((body, index) => aRequest(body, PLAIN, index === 2)))]);
    expect(answers.match(/"transaction_id":"\w+"/g)).toEqual(
      ['first', 'second', 'third'].map((id) => `"transaction_id":"${id}"`),
    );
  });

  it.each([PLAIN, UNUSUAL])('is refused when it is shorter than Content-Length says (%s)', async (type) => {
    const response = await world.server.inject({
      method: 'POST',
      url: '/api/v1/predict',
      headers: { 'content-type': type, 'content-length': '1000' },
      payload: payment,
    });
    expect(response.json()).toMatchObject({ code: 'MALFORMED_REQUEST', status: 400 });
    expect(response.headers.connection).toBe('close');
  });

  it('is waited for so long and no longer, which does not shorten the time of an answer', async () => {
    const hasty = anHttpWorld({
      limits: { bodyMs: 100 },
      scoreTransaction: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { decision: aDecisionRecord(), cached: false };
      },
    });
    await hasty.server.listen({ port: 0, host: '127.0.0.1' });
    const exchangeWith = (request: Buffer): Promise<string> => {
      const socket = connect((hasty.server.server.address() as AddressInfo).port, '127.0.0.1');
      socket.write(request);
      return text(socket);
    };
    const request = aRequest(payment, PLAIN);
    const [refused, answered] = await Promise.all([exchangeWith(request.subarray(0, -5)), exchangeWith(request)]);
    expect(refused).toMatch(/^HTTP\/1\.1 400 [^]*connection: close[^]*MALFORMED_REQUEST[^]*did not come within/i);
    expect(answered).toMatch(/^HTTP\/1\.1 200 /);
    expect(hasty.logged).toEqual([]);
    await hasty.server.close();
  });
});
