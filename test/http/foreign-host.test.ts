/** Without keys only requests to names of this machine are answered: no page can read by rebinding a name of its own. */
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { createKey, createKeyRing } from '../../src/access/keys.ts';
import { ROUTE_PERMISSIONS, type RouteName } from '../../src/access/permissions.ts';
import { anHttpWorld, PAYMENT, post } from '../support/http-server.ts';

const world = anHttpWorld();
afterAll(() => world.server.close());

describe('a service without keys', () => {
  it.each(Object.keys(ROUTE_PERMISSIONS) as RouteName[])('refuses %s by another name', async (name) => {
    const [method, url] = name.split(' ') as ['GET' | 'POST', string];
    const response = await world.server.inject({ method, url, headers: { host: 'evil.example' } });
    expect(response.json()).toMatchObject({ code: 'FOREIGN_HOST', status: 403 });
  });

  it('records nothing that comes by another name', async () => {
    const refused = await post(world, '/api/v1/predict', PAYMENT, { host: 'evil.example:8000' });
    expect(refused.statusCode).toBe(403);
    expect(refused.body).not.toContain('evil');
    expect(world.payments).toEqual([]);
  });

  it.each(['localhost', 'localhost:8000', '127.0.0.1:8000', 'pay.localhost', '[::1]:8000'])(
    'answers as %s',
    async (host) => {
      const response = await world.server.inject({ url: '/api/v1/config', headers: { host } });
      expect(response.statusCode).toBe(200);
    },
  );

  it('answers requests that name no host', async () => {
    await world.server.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((world.server.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET /api/v1/config HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('a service with keys', () => {
  it('answers by any name', async () => {
    const { key, entry } = createKey('a', 'admin');
    const { server } = anHttpWorld({ keys: createKeyRing([entry]) });
    const headers = { host: 'sentinel.example', 'x-api-key': key };
    expect((await server.inject({ url: '/api/v1/config', headers })).statusCode).toBe(200);
  });
});
