/** What operators are told of failures: those within with all their causes, nothing of clients that go away. */
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { anHttpWorld, type HttpWorld, PAYMENT, post } from '../support/http-server.ts';

let world: HttpWorld;
afterEach(() => world.server.close());

const failing = async (): Promise<never> => {
  throw new Error('not recorded', { cause: new Error('the disk is gone') });
};

describe('a failure within', () => {
  it('is logged as an error with its causes, under the number of the request', async () => {
    world = anHttpWorld({ scoreTransaction: failing });
    const response = await post(world, '/api/v1/predict', PAYMENT);
    expect(response.json()).toMatchObject({ code: 'INTERNAL', status: 500 });
    const [logged] = world.logged;
    expect(logged).toMatchObject({
      code: 'INTERNAL',
      error: { message: 'not recorded', cause: { message: 'the disk is gone' } },
    });
    expect(response.json().instance).toBe(`urn:sentinel:request:${String(logged?.request)}`);
  });

  it('is logged so too when it is a server behind ours that cut its connection', async () => {
    world = anHttpWorld({
      scoreTransaction: () => Promise.reject(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })),
    });
    expect((await post(world, '/api/v1/predict', PAYMENT)).statusCode).toBe(500);
    expect(world.logged).toMatchObject([{ code: 'INTERNAL', error: { message: 'read ECONNRESET' } }]);
  });
});

describe('a client that goes away', () => {
  it.each([
    ['a plain body', '/api/v1/predict', 'application/json', 'Content-Length: 1000', '{"user_id":'],
    ['a body that the framework reads', '/api/v1/predict', 'Application/JSON', 'Content-Length: 1000', '{"user_id":'],
    [
      'a body in chunks',
      '/api/v1/labels',
      'application/json',
      'Transfer-Encoding: chunked',
      '64\r\n{"transaction_id":',
    ],
    ['a stream', '/api/v1/predict/stream', 'application/x-ndjson', 'Transfer-Encoding: chunked', '64\r\n{"user_id":'],
  ])('within %s is no failure of ours', async (_what, path, type, length, body) => {
    world = anHttpWorld();
    await world.server.listen({ port: 0, host: '127.0.0.1' });
    const { port } = world.server.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${length}\r\n\r\n${body}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(world.logged).toEqual([]);
    expect(world.payments).toEqual([]);
  });
});
